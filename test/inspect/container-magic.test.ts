import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import {
  CONTAINER_MAGICS,
  isCaptureFile,
  isContainer,
  isGzip,
} from '../../src/inspect/container-magic.ts';

it.each(CONTAINER_MAGICS)('knows the container that begins with %s', (magic) => {
  const bytes = Buffer.concat([Buffer.from(magic, 'hex'), Buffer.alloc(40)]);
  expect(isContainer(bytes)).toBe(true);
  expect(isGzip(bytes)).toBe(magic === '1f8b');
  expect(isCaptureFile(bytes)).toBe(magic !== '1f8b');
});

it('takes MQTT for no container', () => {
  expect(isContainer(Buffer.from('c000', 'hex'))).toBe(false);
});
