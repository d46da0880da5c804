/** One row of the table of input forms: a text in this form, and the packets that it gives. */
export interface FormRow {
  readonly form: string;
  readonly text: string;
  /** Direction and name of each packet, as in `c2s connect`. */
  readonly packets: readonly string[];
  readonly gaps?: readonly number[];
  /** A part of each note. */
  readonly notes?: readonly string[];
}

const CONNECT = '10 10 00 04 4D 51 54 54 04 02 00 3C 00 04 64 65 76 31';
const TSHARK_CAPTURE =
  'H4sIAAAAAAACA7tyeNNCJgYWBhj4/5+BIRXE+BgMpjSg2BVMOTA4sKmd42JgYARipjkO7NEMDMwvQOoCmJgYPsVA9L1gZ' +
  'mAwZoBgVzAF1ncYTd8HBgb2iwESTAx7mxkYQliYGGwYWFJSywxBRmwAukifAYJdwRTYiONoRryEGWHJwcAgIMDA4hsYAt' +
  'JewUqR9gvsDAw6DBDsCqbA2k+BtIKMYI+e4wDSCjTiN0j7KaDHFZgYGACIGkP8TQEAAA==';

/** The forms by rank, as the README lists them. */
export const FORM_ROWS: readonly FormRow[] = [
  {
    form: 'follow',
    text: [
      'Follow: tcp,raw',
      'Node 0: 10.0.0.1:40000',
      'Node 1: 10.0.0.2:1883',
      '101000044d5154540402003c000464657631',
      '\t20020000',
      'c000',
      '\td000',
    ].join('\n'),
    packets: ['c2s connect', 's2c connack', 'c2s pingreq', 's2c pingresp'],
  },
  {
    form: 'buffer',
    text: 'publish <Buffer 30 09 00 03 61 2f 62 68 ... 3 more bytes>',
    packets: ['unknown publish'],
    gaps: [3],
    notes: ['3 bytes of the Buffer were not printed'],
  },
  {
    form: 'json',
    text: '{"type":"Buffer","data":[16,16,0,4,77,81,84,84,4,2,0,60,0,4,100,101,118,49]}',
    packets: ['unknown connect'],
  },
  {
    form: 'tcpdump',
    text: [
      '\t0x0000:  4500 002a 0000 4000 4006 26cc 0a00 0001  E..*..@.@.&.....',
      '\t0x0010:  0a00 0002 9c40 075b 0000 03e9 0000 07d5  .....@.[........',
      '\t0x0020:  5018 0200 2a6e 0000 c000                 P...*n....',
    ].join('\n'),
    packets: ['c2s pingreq'],
    notes: ['stream 1 is 10.0.0.1:40000 to 10.0.0.2:1883'],
  },
  {
    form: 'xxd',
    text: [
      '00000000: 1010 0004 4d51 5454 0402 003c 0004 6465  ....MQTT...<..de',
      '00000010: 7631 8208 000a 0003 612f 2b01 c000       v1......a/+...',
    ].join('\n'),
    packets: ['unknown connect', 'unknown subscribe', 'unknown pingreq'],
  },
  {
    form: 'hexdump',
    text: [
      '00000000  30 3f 00 01 7a 00 00 00  00 00 00 00 00 00 00 00  |0?..z...........|',
      '00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|',
      '*',
      '00000040  00 c0 00                                          |...|',
      '00000043',
    ].join('\n'),
    packets: ['unknown publish', 'unknown pingreq'],
  },
  {
    form: 'escape',
    text: String.raw`"\x10\x10\x00\x04MQTT\x04\x02\x00<" ${'\\'}
"\x00\x04dev1" b'\xc0\0'`,
    packets: ['unknown connect', 'unknown pingreq'],
  },
  {
    form: 'array',
    text:
      'uint8_t c[] = {0x10, 0x10, 0x00, 0x04, 0x4D, 0x51, 0x54, 0x54, 0x04, 0x02, 0x00, 0x3C, ' +
      '0x00, 0x04, 0x64, 0x65, 0x76, 0x31}; // 0x99',
    packets: ['unknown connect'],
  },
  {
    form: 'angle',
    text: 'Payload: {4 bytes={<192><0><208><0>}',
    packets: ['unknown pingreq', 'unknown pingresp'],
  },
  {
    form: 'od',
    text: [
      '0000000 010020 002000 050515 052124 001004 036000 002000 062544',
      '0000020 030566',
      '0000022',
    ].join('\n'),
    packets: ['unknown connect'],
  },
  {
    form: 'dump',
    text: [
      '0000000 10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 64 65',
      '0000020 76 31 82 08 00 0a 00 03 61 2f 2b 01 c0 00',
      '0000036',
    ].join('\n'),
    packets: ['unknown connect', 'unknown subscribe', 'unknown pingreq'],
  },
  {
    form: 'words',
    text: '0000000 1010 0400 514d 5454 0204 3c00 0400 6564\n0000010 3176 00c0\n0000014',
    packets: ['unknown connect', 'unknown pingreq'],
    notes: ['bytes were swapped in pairs'],
  },
  {
    form: 'dec',
    text: '16 16 0 4 77 81 84 84 4 2 0 60 0 4 100 101 118 49',
    packets: ['unknown connect'],
  },
  {
    form: 'hex',
    text: `connect\n${CONNECT}\n订阅\n82 08 00 0A 00 03 61 2F 2B 01`,
    packets: ['unknown connect', 'unknown subscribe'],
  },
  {
    form: 'hex',
    text: `AT+CIPSEND=18\n> ${CONNECT} 1A\n0d 0a 53 45 4e 44 20 4f 4b 0d 0a 20 02 00 00`,
    packets: ['c2s connect', 'unknown connack'],
    gaps: [1, 11],
  },
  {
    form: 'hex',
    text: 'I (627) MQTT: 10 10 00 04 4d 51 54 54 04 02 00 3c\nI (627) MQTT: 00 04 64 65 76 31',
    packets: ['unknown connect'],
  },
  {
    form: 'hex',
    text: '82 92 37 fa 21 3d 27 ea 21 39 7a ab 75 69 33 f8 21 01 37 fe 45 58 41 cb',
    packets: ['c2s connect'],
    notes: ['WebSocket frames'],
  },
  {
    form: 'base64',
    text: TSHARK_CAPTURE,
    packets: ['c2s connect', 's2c connack'],
    notes: ['stream 1 is 10.0.0.1:40000 to 10.0.0.2:1883'],
  },
];
