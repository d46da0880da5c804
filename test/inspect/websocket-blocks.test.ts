import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { FormError } from '../../src/inspect/form-error.ts';
import { unpackFrames } from '../../src/inspect/websocket-blocks.ts';
import { webSocketFrame } from '../support/wire.ts';

it('unpacks the frames of each side, over several lines', () => {
  const ping = webSocketFrame(Buffer.from('c000', 'hex'), true);
  const pong = webSocketFrame(Buffer.from('d000', 'hex'), false);
  const blocks = unpackFrames(
    [
      { bytes: ping.subarray(0, 3), line: 1, side: 'own' },
      { bytes: pong, line: 2, side: 'peer' },
      { bytes: ping.subarray(3), line: 3, side: 'own' },
    ],
    () => {},
  );
  expect(
    blocks.map(({ bytes, direction, line }) => [line, direction, bytes.toString('hex')]),
  ).toEqual([
    [1, 's2c', ''],
    [2, 's2c', 'd000'],
    [3, 'c2s', 'c000'],
  ]);
});

it('says on which line there is no frame', () => {
  const blocks = [{ bytes: Buffer.from('c000', 'hex'), line: 7 }];
  expect(() => unpackFrames(blocks, () => {})).toThrow(FormError);
  expect(() => unpackFrames(blocks, () => {})).toThrow('line 7');
});
