import { Buffer } from 'node:buffer';
import type { ConnectPacket } from '../codec/packet.ts';

/** A level of the text that stands for the client id. */
const CLIENT_ID = '%c';
/** What would make another level of it, or a filter. */
const NO_LEVEL = /[/+#]/;
const TEXT_BYTES_MAX = 65_535;

/**
 * What a client of 5.0 that has asked for it is told about response topics (section 3.2.2.3.15);
 * nobody else is told [MQTT-3.1.2-28]. A client whose id cannot be a level of a topic gets nothing
 * where the text asks for its id: it would be told of the topics of another.
 */
export function responseInformationFor(
  { properties }: ConnectPacket,
  clientId: string,
  text: string | undefined,
): string | undefined {
  if (text === undefined || properties.requestResponseInformation !== 1) return undefined;
  const levels = text.split('/');
  if (!levels.includes(CLIENT_ID)) return text;
  if (clientId === '' || NO_LEVEL.test(clientId)) return undefined;
  const information = levels.map((level) => (level === CLIENT_ID ? clientId : level)).join('/');
  return Buffer.byteLength(information) <= TEXT_BYTES_MAX ? information : undefined;
}
