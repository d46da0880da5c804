import type { PublishPacket } from '../codec/packet.ts';
import type { SenderSide } from '../codec/reason-code.ts';
import type { ConnectionTerms } from './connection-terms.ts';
import type { Outcome } from './seen-packet.ts';
import type { StateBudget } from './state-budget.ts';
import { TopicAliases } from './topic-aliases.ts';

/** Resolves the Topic Aliases of a connection, and sees to it that they were allowed. */
export class AliasWatch {
  readonly #bySide: Readonly<Record<SenderSide, TopicAliases>>;
  readonly #budget: StateBudget;

  constructor(budget: StateBudget) {
    this.#budget = budget;
    const aliases = () => new TopicAliases(budget);
    this.#bySide = { client: aliases(), server: aliases(), either: aliases() };
  }

  onPublish(packet: PublishPacket, sender: SenderSide, terms: ConnectionTerms, out: Outcome): void {
    const { topicAlias } = packet.properties;
    if (topicAlias === undefined || topicAlias === 0) return;
    checkHeight(topicAlias, sender, terms, out);
    const aliases = this.#bySide[sender];
    if (packet.topicName !== '') {
      aliases.set(topicAlias, packet.topicName);
      return;
    }
    const topic = aliases.find(topicAlias);
    if (topic !== undefined) out.links = { ...out.links, aliasTopic: topic };
    else if (terms.isWhole && sender !== 'either' && !this.#budget.hasOverflowed) {
      const likely = terms.isResumed ? 'a map kept from an earlier connection' : undefined;
      out.remarks.push({ rule: 'aliasUnknown', what: `alias ${topicAlias} was not set`, likely });
    }
  }

  clear(): void {
    for (const aliases of Object.values(this.#bySide)) aliases.clear();
  }
}

/** What the other side announced is the limit; what it did not announce is 0. */
function checkHeight(
  alias: number,
  sender: SenderSide,
  { client, server }: ConnectionTerms,
  out: Outcome,
): void {
  if (sender === 'either') return;
  const receiver = sender === 'client' ? server : client;
  const max = receiver?.topicAliasMaximum ?? 0;
  if (receiver === undefined || alias <= max) return;
  if (max > 0) {
    const rule = sender === 'client' ? 'clientAliasTooHigh' : 'serverAliasTooHigh';
    out.remarks.push({ rule, what: `alias ${alias} is above the maximum of ${max}` });
    return;
  }
  const rule = sender === 'client' ? 'clientAliasUnasked' : 'serverAliasUnasked';
  const who = sender === 'client' ? 'server' : 'client';
  out.remarks.push({ rule, what: `alias ${alias}, and the ${who} takes none` });
}
