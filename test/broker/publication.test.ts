import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { Publication } from '../../src/broker/publication.ts';
import { messageFrom } from '../../src/session/message.ts';
import { publishPacket } from '../support/packets.ts';

it('copies the message once for all who keep it, and not before', () => {
  const chunk = Buffer.from('payload');
  const publication = new Publication(messageFrom(publishPacket({ payload: chunk }), 'a', 'p', 0));
  expect(publication.message.payload).toBe(chunk);
  const kept = publication.keep();
  chunk.fill(0);
  expect(kept.payload.toString()).toBe('payload');
  expect(publication.keep()).toBe(kept);
});
