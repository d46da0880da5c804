import type { ConnackPacket, DisconnectPacket } from '../codec/packet.ts';
import { reasonCode, returnCode } from '../codec/reason-code.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { type Explanation, explain, type Listener } from './explanation.ts';

interface LastWords extends Explanation {
  readonly serverReference?: string;
}

/** The CONNACK that refuses a CONNECT; undefined where its version has none that says it. */
export function refusingConnack(to: Listener, why: ConnectionEnd): ConnackPacket | undefined {
  if (why.reason === undefined) return undefined;
  const code = to.level === 5 ? reasonCode(why.reason) : returnCode(why.reason);
  if (code === undefined) return undefined; // [311:3.2.2-6]
  const properties = propertiesOf(to, why);
  return { type: 'connack', isSessionPresent: false, reasonCode: code, properties };
}

/** The DISCONNECT that ends a connection; undefined where there is nothing to say, or no way to. */
export function endingDisconnect(to: Listener, why: ConnectionEnd): DisconnectPacket | undefined {
  if (to.level !== 5 || why.reason === undefined) return undefined;
  const properties = propertiesOf(to, why);
  return { type: 'disconnect', reasonCode: reasonCode(why.reason), properties };
}

function propertiesOf(to: Listener, why: ConnectionEnd): LastWords {
  const explanation = explain(to, why.message);
  const { serverReference } = why;
  if (to.level !== 5 || serverReference === undefined) return explanation;
  return { ...explanation, serverReference };
}
