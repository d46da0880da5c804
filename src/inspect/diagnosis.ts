import type { RuleName } from '../codec/rules.ts';

/**
 * Malformed: it cannot be that packet. Protocol: well formed, but forbidden. Odd: allowed, and
 * seldom meant.
 */
export type Severity = 'malformed' | 'protocol' | 'odd' | 'note';

/** Rules of `inspect` beside those of the codec. */
export type FindingCode =
  | RuleName
  | 'truncated'
  | 'ack-order'
  | 'after-disconnect'
  | 'after-refusal'
  | 'assigned-id-missing'
  | 'client-id-odd'
  | 'filter-twice'
  | 'keep-alive-odd'
  | 'keep-alive-late'
  | 'not-requested'
  | 'packet-id-in-use'
  | 'resend'
  | 'topic-odd';

interface Diagnosis {
  /** `protocol` where it is left out. */
  readonly severity?: Severity;
  /** The rule in a few words; without it, what the codec says of the case is shown. */
  readonly rule?: string;
  /** The rule in its cases, by the subject of the refusal. */
  readonly ruleOf?: { readonly [subject: string]: string };
  /** The field or the part of a byte at fault, by its name in the codec. */
  readonly field?: string;
  /** The fault is one byte, not the whole field around it. */
  readonly isOneByte?: true;
}

const MALFORMED = { severity: 'malformed' } as const;

/** How `decode` explains a broken rule. A row that is missing has nothing to add. */
export const DIAGNOSES: { readonly [C in FindingCode]?: Diagnosis } = {
  truncated: MALFORMED,
  'length-too-long': { ...MALFORMED, rule: 'a length has at most 4 bytes' },
  'length-not-minimal': { ...MALFORMED, rule: 'a length takes the fewest bytes that hold it' },
  'reserved-type': { ...MALFORMED, field: 'type' },
  flags: { ...MALFORMED, field: 'flags' },
  direction: { field: 'type' },
  'wrong-length': { ...MALFORMED, field: 'remainingLength' },
  'field-overrun': MALFORMED,
  'trailing-bytes': MALFORMED,
  utf8: { ...MALFORMED, isOneByte: true },
  nul: { ...MALFORMED, rule: 'a string holds no U+0000', isOneByte: true },
  'packet-id-zero': { rule: 'an id is 1 to 65535' },
  'property-length-missing': MALFORMED,
  'property-unknown': { ...MALFORMED, field: 'propertyId' },
  'property-misplaced': { ...MALFORMED, field: 'propertyId' },
  'property-twice': { field: 'propertyId' },
  'response-topic-wildcard': { rule: 'a response topic has no wildcards', isOneByte: true },
  'sub-id-from-client': { rule: 'only a server sends it in PUBLISH', field: 'propertyId' },
  'disconnect-expiry': { field: 'propertyId' },
  'auth-method': { field: 'authenticationData' },
  'protocol-name': MALFORMED,
  'connect-reserved': { ...MALFORMED, rule: 'bit 0 is 0', field: 'reserved' },
  'will-bits': {
    ...MALFORMED,
    ruleOf: {
      willQos: 'will QoS is 0 where there is no will',
      willRetain: 'will retain is 0 where there is no will',
    },
  },
  'will-qos-3': { ...MALFORMED, rule: 'will QoS is 0, 1 or 2', field: 'willQos' },
  'connect-field-missing': MALFORMED,
  'connect-field-extra': MALFORMED,
  'password-alone': { rule: 'no password without a user name', field: 'password' },
  'client-id-empty': { rule: 'an empty client id needs clean session 1' },
  'connack-flags': { ...MALFORMED, rule: 'bits 7 to 1 are 0', field: 'reserved' },
  'session-present': { rule: 'a refusal has no session', field: 'sessionPresent' },
  'qos-3': { ...MALFORMED, rule: 'QoS is 0, 1 or 2', field: 'qos' },
  'dup-qos-0': { ...MALFORMED, rule: 'dup is 0 at QoS 0', field: 'dup' },
  'topic-wildcard': { ...MALFORMED, rule: 'a topic has no wildcards', isOneByte: true },
  'filter-wildcard': {
    ...MALFORMED,
    ruleOf: { '#': '# stands alone in the last level', '+': '+ stands alone in its level' },
    isOneByte: true,
  },
  'share-grammar': { isOneByte: true },
  'share-no-local': { rule: 'no local is 0 on a shared subscription', field: 'noLocal' },
  'options-reserved': { ...MALFORMED, rule: 'reserved bits are 0', field: 'reserved' },
  'options-qos-3': { rule: 'QoS is 0, 1 or 2', field: 'qos' },
  'retain-handling-3': { rule: 'retain handling is 0, 1 or 2', field: 'retainHandling' },
};
