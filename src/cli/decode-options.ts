import { PACKET_TYPES } from '../codec/packet-type.ts';
import { FORM_NAMES } from '../inspect/capture-form.ts';
import { BYTE_FORMS } from '../inspect/capture-reader.ts';
import { FRAMED_FORM } from '../inspect/websocket-bytes.ts';
import { parseTopicFilter } from '../topic/topic-filter.ts';
import { parsePacketNames } from './decode-filter.ts';
import type { OptionTable } from './option-table.ts';
import { wholeNumber } from './option-values.ts';
import { COLOR_OPTION } from './terminal.ts';

/** The options of `mqttk decode`. */
export const DECODE_OPTIONS = {
  'protocol-version': {
    type: 'string',
    alias: 'V',
    value: 'VERSION',
    choices: ['5', '311', '31', 'auto'],
    default: 'auto',
    describe: 'read packets by this version; auto learns it from the CONNECT, or the packets',
    group: 'Input',
  },
  'one-connection': {
    type: 'boolean',
    describe: 'a second CONNECT in a stream is a fault, not the next connection',
    group: 'Input',
  },
  in: {
    type: 'string',
    value: 'FORM',
    choices: [...BYTE_FORMS, ...FORM_NAMES, FRAMED_FORM],
    defaultDescription: 'found out',
    describe: 'the form of the input, where it is taken for another',
    group: 'Input',
  },
  dir: {
    type: 'string',
    value: 'DIRECTION',
    choices: ['c2s', 's2c'],
    describe: 'who sent all bytes: the client, or the server',
    group: 'Input',
  },
  tx: {
    type: 'string',
    value: 'SIDE',
    choices: ['client', 'server'],
    default: 'client',
    describe: 'who writes the log: whom ">", TX and O before bytes stand for',
    group: 'Input',
  },
  body: {
    type: 'string',
    value: 'PACKET',
    choices: Object.keys(PACKET_TYPES),
    describe: 'bytes begin behind the fixed header of this packet',
    group: 'Input',
  },
  flags: {
    type: 'string',
    value: 'NUMBER',
    coerce: wholeNumber(0, 15),
    defaultDescription: 'the legal ones',
    describe: 'flags of the fixed header that --body puts there',
    group: 'Input',
  },
  scan: {
    type: 'boolean',
    describe: 'look at every offset for a CONNECT, or two clean packets in a row',
    group: 'Input',
  },
  'scan-all': { type: 'boolean', describe: 'and for single clean packets', group: 'Input' },
  port: {
    type: 'string',
    value: 'PORT',
    array: true,
    coerce: wholeNumber(1, 65_535),
    describe: 'take captured connections of this port for MQTT, beside those of 1883',
    group: 'Input',
  },
  'max-streams': {
    type: 'string',
    value: 'NUMBER',
    coerce: wholeNumber(1, 1_000_000),
    default: '10000',
    describe: 'follow so many captured connections at once, and forget the most silent ones',
    group: 'Input',
  },
  summary: { type: 'boolean', describe: 'one line per packet', group: 'Output' },
  json: { type: 'boolean', describe: 'one JSON object per line', group: 'Output' },
  flat: { type: 'boolean', describe: 'one line per field: no table', group: 'Output' },
  width: {
    type: 'string',
    value: 'COLUMNS',
    coerce: wholeNumber(20, 10_000),
    defaultDescription: "the terminal's, else 100",
    describe: 'set out the table for this width; from 132 on it has 16 bytes a row',
    group: 'Output',
  },
  full: { type: 'boolean', describe: 'do not cut long strings and payloads', group: 'Output' },
  'show-secrets': {
    type: 'boolean',
    describe: 'show passwords and authentication data',
    group: 'Output',
  },
  color: { ...COLOR_OPTION.color, group: 'Output' },
  quiet: { type: 'boolean', alias: 'q', describe: 'no report at the end', group: 'Output' },
  only: {
    type: 'string',
    value: 'TYPES',
    coerce: parsePacketNames,
    describe: 'show packets of these types alone: PUBLISH,PUBACK; all are followed and counted',
    group: 'Selection',
  },
  stream: {
    type: 'string',
    value: 'NUMBER',
    coerce: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    describe: 'show packets of this stream alone',
    group: 'Selection',
  },
  grep: {
    type: 'string',
    value: 'FILTER',
    coerce: parseTopicFilter,
    describe: 'show PUBLISH with a topic that this filter matches, aliases resolved, alone',
    group: 'Selection',
  },
  errors: { type: 'boolean', describe: 'show packets with findings alone', group: 'Selection' },
  'fail-on': {
    type: 'string',
    value: 'SEVERITY',
    choices: ['malformed', 'protocol', 'odd'],
    default: 'protocol',
    describe: 'the mildest finding for which the exit code is 1',
    group: 'Output',
  },
  lenient: {
    type: 'boolean',
    describe: 'exit with 0 whatever is wrong with the packets',
    group: 'Output',
  },
} as const satisfies OptionTable;
