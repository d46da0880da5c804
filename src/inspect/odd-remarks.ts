import { isUtf8 } from 'node:buffer';
import { findOddCharacter } from '../codec/odd-text.ts';
import type { ConnectPacket, PublishPacket, SubscribePacket } from '../codec/packet.ts';
import { isShare, shareFault } from '../codec/topic-grammar.ts';
import type { Inspection } from './inspect-packet.ts';
import { remarksOf31 } from './odd-remarks-31.ts';
import type { Remark } from './remark.ts';
import type { FieldTrace } from './tracing-reader.ts';

/** What every server takes (section 3.1.3.1), and two more signs that none is known to refuse. */
const PLAIN_CLIENT_ID = /^[\da-zA-Z_-]*$/;
const CLIENT_ID_LENGTH_MAX = 23;
/** Five hours: what is longer was most likely meant in milliseconds. */
const KEEP_ALIVE_PLAIN_MAX = 18_000;
/** A packet of nothing but odd texts has as many as this at most. */
const REMARKS_MAX = 100;

const TOPICS: ReadonlySet<string> = new Set([
  'topicName',
  'willTopic',
  'topicFilter',
  'responseTopic',
]);

/** What is legal in a packet, and most likely not meant so. */
export function oddRemarks(inspection: Inspection): Remark[] {
  const texts = inspection.fields.flatMap((field) => textRemarks(field));
  const all = [...texts, ...packetRemarks(inspection), ...remarksOf31(inspection)];
  return all.slice(0, REMARKS_MAX);
}

function textRemarks({ end, flaw, path, start, value }: FieldTrace): Remark[] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (typeof value !== 'string' || flaw !== undefined || name === 'protocolName') return [];
  const span = { start, end };
  const remarks: Remark[] = [];
  // What is no text at all has been refused already.
  const isRefused = /[\0\uFFFD]/.test(value);
  if (!isRefused && findOddCharacter(value) !== undefined) {
    const isLine = /[\r\n]$/.test(value);
    const likely = isLine ? 'a line end from a file or a terminal' : undefined;
    remarks.push({ rule: 'oddText', what: 'a control or non-character', likely, span });
  }
  if (value.startsWith('\uFEFF')) {
    const likely = 'the byte order mark of a file';
    remarks.push({ rule: 'byteOrderMark', what: 'it begins with U+FEFF', likely, span });
  }
  const isBlank = /^ | $/.test(value);
  if (TOPICS.has(name)) remarks.push(...topicRemarks(value, isBlank, span));
  else if (isBlank) remarks.push({ rule: 'oddText', what: 'a blank at an end', span });
  return remarks;
}

function topicRemarks(topic: string, isBlank: boolean, span: Remark['span']): Remark[] {
  if (isBlank) return [{ rule: 'oddTopic', what: 'a blank at an end', span }];
  const what = 'the first level is empty';
  if (topic.startsWith('/')) return [{ rule: 'oddTopic', what, span }];
  const isEmptyWithin = topic.includes('//');
  return isEmptyWithin ? [{ rule: 'oddTopic', what: 'a level is empty', span }] : [];
}

function packetRemarks({ fields, level, packet, sender }: Inspection): Remark[] {
  if (packet?.type === 'connect') return connectRemarks(packet);
  if (packet?.type === 'publish') return publishRemarks(packet, sender === 'client');
  return packet?.type === 'subscribe' ? subscribeRemarks(packet, fields, level === 5) : [];
}

function connectRemarks(packet: ConnectPacket): Remark[] {
  const { clientId, keepAliveSeconds, level, password, userName, will } = packet;
  const remarks: Remark[] = [];
  if (clientId.length > CLIENT_ID_LENGTH_MAX && level !== 3) {
    const what = `the client id has ${clientId.length} characters, more than 23`;
    remarks.push({ rule: 'oddClientId', what });
  } else if (!PLAIN_CLIENT_ID.test(clientId)) {
    const what = 'the client id has other characters than digits and letters';
    remarks.push({ rule: 'oddClientId', what });
  }
  if (keepAliveSeconds === 0) {
    const what = 'without keep alive neither side learns that the other has gone';
    remarks.push({ rule: 'oddKeepAlive', what });
  }
  if (keepAliveSeconds > KEEP_ALIVE_PLAIN_MAX) {
    const likely = keepAliveSeconds % 1000 === 0 ? 'milliseconds given for seconds' : undefined;
    remarks.push({ rule: 'oddKeepAlive', what: 'the keep alive is above five hours', likely });
  }
  if (level === 5 && password !== undefined && userName === undefined) {
    remarks.push({ rule: 'passwordAlone', what: 'a password without a user name' });
  }
  const isText = will?.properties.payloadFormatIndicator === 1;
  if (isText && !isUtf8(will.payload)) {
    remarks.push({ rule: 'payloadNotText', what: 'the will payload is not UTF-8' });
  }
  return remarks;
}

function publishRemarks({ payload, properties, topicName }: PublishPacket, isClient: boolean) {
  const remarks: Remark[] = [];
  if (isClient && topicName.startsWith('$')) {
    remarks.push({ rule: 'dollarTopic', what: 'a client publishes to a topic with $' });
  }
  if (properties.payloadFormatIndicator === 1 && !isUtf8(payload)) {
    remarks.push({ rule: 'payloadNotText', what: 'the payload is not UTF-8' });
  }
  return remarks;
}

function subscribeRemarks(
  { subscriptions }: SubscribePacket,
  fields: readonly FieldTrace[],
  isV5: boolean,
): Remark[] {
  const filters = subscriptions.map(({ topicFilter }) => topicFilter);
  const traces = fields.filter(({ path }) => path.endsWith('.topicFilter'));
  const spanOf = (index: number) => {
    const { end = 0, start = 0 } = traces[index] ?? {};
    return { start, end };
  };
  const seen = new Set<string>();
  const remarks: Remark[] = [];
  for (const [index, filter] of filters.entries()) {
    const span = spanOf(index);
    if (seen.has(filter)) {
      remarks.push({ rule: 'filterTwice', what: 'this filter stands here twice', span });
    }
    seen.add(filter);
    if (!isV5 && isShare(filter) && shareFault(filter) !== undefined) {
      remarks.push({ rule: 'brokenShare', what: 'no share by the rules of 5.0', span });
    }
  }
  return remarks;
}
