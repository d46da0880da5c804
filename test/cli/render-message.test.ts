import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { MessageFormat } from '../../src/cli/message-format.ts';
import { type MessageForm, renderMessage } from '../../src/cli/render-message.ts';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { publishPacket } from '../support/packets.ts';

const ARRIVAL = { wallUs: Date.UTC(2026, 10, 22, 11, 51, 7, 257) * 1000 + 989, monoUs: 120_331 };

function shown(packet: Partial<PublishPacket>, form: Partial<MessageForm> = {}): string {
  const whole = { kind: 'payload', hasNewline: true, isTerminal: false, ...form } as const;
  return renderMessage(publishPacket(packet), whole, ARRIVAL).toString('latin1');
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

describe('the payload', () => {
  it('is shown byte for byte, with a newline or without', () => {
    const payload = latin1('\0\xff\x1b[2J');
    expect(shown({ payload })).toBe('\0\xff\x1b[2J\n');
    expect(shown({ payload }, { hasNewline: false })).toBe('\0\xff\x1b[2J');
  });

  it('is nothing if it is empty, not even a line', () => {
    expect(shown({})).toBe('');
  });

  it('is kept from acting on a terminal', () => {
    expect(shown({ payload: latin1('\x1b[2J\xff') }, { isTerminal: true })).toBe('\\x1b[2J\\xff\n');
  });
});

describe('topic and payload', () => {
  it('stand in one line', () => {
    expect(shown({ payload: latin1('hi') }, { kind: 'verbose' })).toBe('a/b hi\n');
  });

  it('show an empty message, but not without newline', () => {
    expect(shown({}, { kind: 'verbose' })).toBe('a/b (null)\n');
    expect(shown({}, { kind: 'verbose', hasNewline: false })).toBe('');
  });

  it('are both kept from acting on a terminal', () => {
    const packet = { topicName: 'a\x07', payload: latin1('\x07') };
    expect(shown(packet, { kind: 'verbose', isTerminal: true })).toBe('a\\x07 \\x07\n');
    expect(shown({ topicName: 'a\x07' }, { kind: 'verbose', isTerminal: true })).toBe(
      'a\\x07 (null)\n',
    );
  });
});

describe('JSON', () => {
  it('has its keys in this order', () => {
    const packet: Partial<PublishPacket> = {
      qos: 1,
      packetId: 7,
      payload: latin1('21.5'),
      properties: {
        contentType: 'text/plain',
        subscriptionIdentifier: [7],
        userProperty: [['unit', 'C']],
      },
    };
    expect(shown(packet, { kind: 'json' })).toBe(
      '{"v":1,"type":"message","ts":"2026-11-22T11:51:07.257989Z","mono_us":120331,' +
        '"topic":"a/b","qos":1,"retain":false,"dup":false,"packet_id":7,"length":4,' +
        '"payload":"21.5","properties":{"content_type":"text/plain",' +
        '"subscription_identifiers":[7],"user_properties":[["unit","C"]]}}\n',
    );
  });

  it('has no packet id at QoS 0, and no properties where there are none', () => {
    const line = shown({ isRetained: true }, { kind: 'json' });
    expect(line).toMatch(/"qos":0,"retain":true,"dup":false,"length":0,"payload":""}\n$/);
  });

  it('has base64 for what is no text', () => {
    const properties = { correlationData: latin1('\xff') };
    const line = shown({ payload: latin1('\xff\xfe'), properties }, { kind: 'json' });
    expect(JSON.parse(line)).toMatchObject({
      length: 2,
      payload_base64: '//4=',
      properties: { correlation_data_base64: '/w==' },
    });
    expect(line).not.toContain('"payload":');
  });

  it('names every property of a message, in the order of its table', () => {
    const properties = {
      userProperty: [['a', '']] as const,
      topicAlias: 3,
      subscriptionIdentifier: [1, 2],
      correlationData: latin1('c'),
      responseTopic: 'r',
      contentType: 't',
      messageExpiryInterval: 9,
      payloadFormatIndicator: 1,
    };
    const line = shown({ properties }, { kind: 'json' });
    expect(line.slice(line.indexOf('"properties"'))).toBe(
      '"properties":{"payload_format_indicator":1,"message_expiry_interval":9,' +
        '"content_type":"t","response_topic":"r","correlation_data":"c",' +
        '"subscription_identifiers":[1,2],"topic_alias":3,"user_properties":[["a",""]]}}\n',
    );
  });

  it('fills up the digits of a second', () => {
    const arrival = { wallUs: 1, monoUs: 0 };
    const form = { kind: 'json', hasNewline: true, isTerminal: false } as const;
    expect(renderMessage(publishPacket(), form, arrival).toString()).toContain(
      '"ts":"1970-01-01T00:00:00.000001Z"',
    );
  });
});

describe('other forms', () => {
  const payload = Buffer.from('x\ny');
  const arrival = { wallUs: 1_795_348_267_257_989, monoUs: 5 };
  const plain = { kind: 'payload', hasNewline: true, isTerminal: false } as const;
  const shown = (form: MessageForm) =>
    renderMessage(publishPacket({ topicName: 'a', payload }), form, arrival).toString('latin1');

  it('end topic and payload with NUL', () => {
    expect(shown({ ...plain, kind: 'null' })).toBe('a\0x\ny\0');
  });

  it('show payloads in hex or base64', () => {
    expect(shown({ ...plain, as: 'hex' })).toBe('780a79\n');
    expect(shown({ ...plain, kind: 'verbose', as: 'base64' })).toBe('a eAp5\n');
  });

  it('begin with the time', () => {
    expect(shown({ ...plain, hasTime: true })).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.257[+-]\d{4} x\ny\n$/,
    );
  });

  it('are free, with an end of line unless it is not wanted', () => {
    const format = new MessageFormat('[%t]');
    expect(shown({ ...plain, kind: 'format', format })).toBe('[a]\n');
    expect(shown({ ...plain, kind: 'format', format, hasNewline: false })).toBe('[a]');
  });

  it('are JSON over several lines', () => {
    expect(shown({ ...plain, kind: 'json', isPretty: true })).toContain('{\n  "v": 1,\n');
  });
});
