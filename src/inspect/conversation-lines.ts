import type { Unanswered } from './connection.ts';
import type { ConnectionLine, ConversationReport, ShortList } from './conversation-report.ts';
import type { Latencies } from './latencies.ts';
import { quotedText } from './safe-text.ts';
import type { Silence } from './silence-watch.ts';
import { cutText, millisecondsText } from './value-text.ts';

/** Of each list a person sees so many. */
const SHOWN_MAX = 10;

/** The end report about connections, for a person: a line for each thing that there is to say. */
export function conversationLines(report: ConversationReport): string[] {
  const { connections, latencies, silences, unanswered } = report;
  const lines: string[] = [];
  if (connections.items.some(({ connect }) => connect !== undefined)) {
    lines.push(`connections: ${listText(connections, connectionText)}`);
  }
  if (latencies.size > 0)
    lines.push(`answered in ms: ${[...latencies].map(latencyText).join('; ')}`);
  if (unanswered.count > 0) lines.push(`unanswered: ${listText(unanswered, unansweredText)}`);
  if (silences.count > 0) lines.push(`too long silent: ${listText(silences, silenceText)}`);
  return lines;
}

function listText<T>({ count, items }: ShortList<T>, textOf: (item: T) => string): string {
  const shown = items.slice(0, SHOWN_MAX).map(textOf).join(', ');
  return count > SHOWN_MAX ? `${shown} and ${count - SHOWN_MAX} more` : shown;
}

function connectionText({ clientId, connect, stream }: ConnectionLine): string {
  if (connect === undefined) return `stream ${stream} from its middle on`;
  const [id = ''] = cutText(clientId ?? '', false);
  return clientId === undefined ? `#${connect} without client id` : `#${connect} ${quotedText(id)}`;
}

function unansweredText({ number, packet, packetId }: Unanswered): string {
  return packetId === undefined ? `#${number} ${packet}` : `#${number} ${packet} id ${packetId}`;
}

function silenceText({ after, keepAliveSeconds, seconds }: Silence): string {
  return `${seconds.toFixed(1)} s after #${after} (keep alive ${keepAliveSeconds} s)`;
}

function latencyText([title, figures]: readonly [string, Latencies]): string {
  const { count, maxMs, medianMs, minMs } = figures;
  if (count === 1) return `${title} ${millisecondsText(minMs)}`;
  const [min, median, max] = [minMs, medianMs, maxMs].map(millisecondsText);
  return `${title} ${min} to ${max}, median ${median} (${count})`;
}
