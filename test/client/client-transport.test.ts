import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { ClientWorld } from '../support/client-world.ts';

const fault = new CallerError('tls', 'TLS: h:1883 asks for a client certificate');

it('tells what the transport has explained, before CONNACK and after it', () => {
  const early = new ClientWorld();
  early.connection.start();
  early.channel.close(fault);
  expect(early.end).toMatchObject({ error: fault, hasAnswered: false });
  const late = ClientWorld.connected();
  late.channel.close(fault);
  expect(late.end?.error).toBe(fault);
});
