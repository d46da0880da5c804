import { CallerError } from '../base/caller-error.ts';
import type { LinkEnd } from '../bench/bench-link.ts';
import {
  ackRefused,
  connectRefused,
  serverBroke,
  serverDisconnected,
} from '../client/client-errors.ts';
import type { QoS } from '../codec/packet.ts';
import { reasonCode } from '../codec/reason-code.ts';
import type { ClientTarget } from './client-options.ts';
import { withAdvice } from './refusal-advice.ts';

/**
 * Explains why a link ended: what keeps one client of a run from going on ends all of it. `qos` is
 * that of the run.
 */
export function linkEndError(end: LinkEnd, target: ClientTarget, qos: QoS): CallerError {
  const { server } = target;
  switch (end.kind) {
    case 'refused':
      return withAdvice(connectRefused(server, end.packet), 'connect', target);
    case 'disconnected':
      return withAdvice(serverDisconnected(server, end.packet), 'connect', target);
    case 'denied': {
      const deed = end.packet === 'suback' ? 'subscribe' : 'publish';
      const { packet, reasonCode: code, reasonString } = end;
      return withAdvice(ackRefused(deed, packet, code, reasonString), deed, target);
    }
    case 'downgraded':
      return new CallerError('refused', `${server} grants subscriptions of QoS ${end.granted}`, {
        why: 'its rules or limits allow no higher one',
        remedy: `give -q ${end.granted}`,
        reasonCode: reasonCode('qosNotSupported'),
      });
    case 'broke':
      return serverBroke(server, end.error);
    case 'closed':
      return closedError(end, target, qos);
  }
}

/** Before 5.0 a broker cannot say how much it takes at a time, nor why it closes. */
function closedError(
  { cause, wasConnected }: Extract<LinkEnd, { kind: 'closed' }>,
  { server }: ClientTarget,
  qos: QoS,
): CallerError {
  const how = cause === undefined ? `${server} closed it` : cause.message;
  const message = `connection lost: ${how}`;
  if (!wasConnected) {
    const why = 'perhaps it takes no more connections';
    return new CallerError('lost', message, { why, remedy: 'its log may tell', cause });
  }
  if (qos === 0) return new CallerError('lost', message, { remedy: 'its log may tell', cause });
  const why = 'perhaps more messages were unacknowledged than it takes';
  return new CallerError('lost', message, { why, remedy: 'give a smaller --window', cause });
}
