import { Buffer } from 'node:buffer';
import type { Publication } from '../client/publication.ts';
import type { QoS } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import type { Payloads } from './message-source.ts';
import type { Platform } from './platform.ts';
import { requireText } from './publish-options.ts';
import type { Messages } from './publish-task.ts';
import { Template } from './template.ts';

/** Where each message goes to. */
export interface PublishTarget {
  readonly topicName: string;
  readonly qos: QoS;
}

/** What messages are made of beside their payloads. */
export interface Composition {
  readonly targets: readonly PublishTarget[];
  readonly isRetained: boolean;
  readonly properties: PropertiesOf<'publish'>;
  readonly clientId: string;
  /** Whether topics and payloads have places to fill in. */
  readonly isTemplate: boolean;
  /** Whether payloads are lines of the input: they are never taken for templates. */
  readonly isStream: boolean;
}

type Source = Pick<Platform, 'date' | 'env' | 'randomBytes'>;

/**
 * Makes each payload a message for each topic, when it is asked for.
 *
 * @throws CallerError usage for a topic that is no template, before any message is made; what is
 *   wrong with a payload, or a topic that was filled in, is thrown with its message.
 */
export function composeMessages(
  payloads: Payloads,
  composition: Composition,
  source: Source,
): Messages {
  const { isTemplate, targets } = composition;
  const composer = new Composer(composition, source);
  if (isTemplate) {
    for (const { topicName } of targets) new Template(Buffer.from(topicName), source);
  }
  return composer.messages(payloads);
}

class Composer {
  readonly #composition: Composition;
  readonly #source: Source;
  readonly #topics: readonly { readonly target: PublishTarget; readonly template?: Template }[];
  /** That of the payload, made once for all repeats of it. */
  #body: { readonly payload: Buffer; readonly template: Template } | undefined = undefined;
  #seq = 0;

  constructor(composition: Composition, source: Source) {
    this.#composition = composition;
    this.#source = source;
    this.#topics = composition.targets.map((target) =>
      composition.isTemplate
        ? { target, template: new Template(Buffer.from(target.topicName), source) }
        : { target },
    );
  }

  async *messages(payloads: Payloads): Messages {
    for await (const batch of payloads) yield this.#batch(batch);
  }

  *#batch(batch: readonly Buffer[]): Iterable<Publication> {
    const { isRetained, properties } = this.#composition;
    for (const given of batch) {
      this.#seq += 1;
      for (const { target, template } of this.#topics) {
        const topicName = template === undefined ? target.topicName : this.#topic(template, given);
        const payload = this.#payload(given, topicName);
        requireText(payload, properties);
        yield { topicName, payload, qos: target.qos, isRetained, properties };
      }
    }
  }

  #topic(template: Template, line: Buffer): string {
    return parseTopicName(template.render(this.#context(line, '')).toString());
  }

  #payload(given: Buffer, topic: string): Buffer {
    const { isStream, isTemplate } = this.#composition;
    if (!isTemplate || isStream) return given;
    if (this.#body?.payload !== given) {
      this.#body = { payload: given, template: new Template(given, this.#source) };
    }
    return this.#body.template.render(this.#context(given, topic));
  }

  #context(given: Buffer, topic: string) {
    const { clientId, isStream } = this.#composition;
    return {
      seq: this.#seq,
      line: isStream ? given : Buffer.alloc(0),
      client: clientId,
      topic,
    };
  }
}
