import { PACKET_TYPES } from '../codec/packet-type.ts';
import type { Inspection } from './inspect-packet.ts';
import type { Remark } from './remark.ts';

/** What MQTT 3.1 leaves unchecked, and its successors refuse. */
export function remarksOf31(inspection: Inspection): Remark[] {
  const { fields, level, name } = inspection;
  if (level !== 3 || name === undefined) return [];
  const remarks: Remark[] = [];
  const { flags } = PACKET_TYPES[name];
  if (flags !== 'own' && numberOf(inspection, 'header.flags') !== flags) {
    remarks.push({ rule: 'flagsOf31', what: 'later versions fix these flags' });
  }
  for (const { end, path, start, value } of fields) {
    if (name !== 'subscribe' || !path.endsWith('options.reserved') || value === 0) continue;
    const what = 'later versions want the upper bits to be 0';
    remarks.push({ rule: 'optionsOf31', what, span: { start, end, bits: [7, 2] } });
  }
  return name === 'connect' ? [...remarks, ...connectRemarks(inspection)] : remarks;
}

function connectRemarks(inspection: Inspection): Remark[] {
  const { packet } = inspection;
  const flag = (name: string) => numberOf(inspection, `connectFlags.${name}`);
  const remarks: Remark[] = [];
  if (flag('reserved') !== 0) {
    remarks.push({ rule: 'connectReservedOf31', what: 'later versions want bit 0 to be 0' });
  }
  if (flag('will') === 0 && flag('willQos') + flag('willRetain') !== 0) {
    remarks.push({ rule: 'willBitsOf31', what: 'will QoS or retain without a will' });
  }
  if (packet?.type !== 'connect') return remarks;
  if (flag('userName') === 1 && packet.userName === undefined) {
    remarks.push({ rule: 'userNameMissingOf31', what: 'the user name is missing' });
  }
  if (flag('password') === 1 && packet.password === undefined) {
    remarks.push({ rule: 'passwordMissingOf31', what: 'the password is missing' });
  }
  return remarks;
}

function numberOf({ fields }: Inspection, path: string): number {
  const value = fields.find((field) => field.path === path)?.value;
  return typeof value === 'number' ? value : 0;
}
