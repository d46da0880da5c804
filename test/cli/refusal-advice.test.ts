import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { withAdvice } from '../../src/cli/refusal-advice.ts';
import { connectPacket } from '../support/packets.ts';

const TARGET = { server: 'h:1', connect: connectPacket({ clientId: 'me', userName: 'ro' }) };

function refusal(reasonCode: number, why?: string): CallerError {
  return new CallerError('refused', 'refused', { reasonCode, why, reasonString: why });
}

it.each([
  [0x84, '-V'],
  [0x85, '-i'],
  [0x86, '-P'],
  [0x87, '-u'],
])('says what to do about a CONNACK of 0x%s', (code, option) => {
  const advised = withAdvice(refusal(code), 'connect', TARGET);
  expect(advised).toMatchObject({ kind: 'refused', reasonCode: code, message: 'refused' });
  expect(advised.remedy).toContain(option);
  expect(advised.why).toBeDefined();
});

it('says that the id is in use by another', () => {
  expect(withAdvice(refusal(0x8e), 'connect', TARGET)).toMatchObject({
    message: 'another client of h:1 is using the id "me"',
    reasonCode: 0x8e,
    remedy: 'give each client its own -i',
  });
});

it('names the user to whom a topic or filter is denied', () => {
  const why = 'the broker\'s rules deny this to user "ro"';
  expect(withAdvice(refusal(0x87), 'publish', TARGET)).toMatchObject({
    why,
    remedy: 'use another topic or user',
  });
  expect(withAdvice(refusal(0x87), 'subscribe', TARGET)).toMatchObject({
    why,
    remedy: 'use another filter or user',
  });
});

it("leaves the broker's own words", () => {
  expect(withAdvice(refusal(0x87, 'closed on sundays'), 'publish', TARGET)).toMatchObject({
    why: 'closed on sundays',
    reasonString: 'closed on sundays',
  });
});

it('has nothing to say about other reasons, and other errors', () => {
  expect(withAdvice(refusal(0x97), 'publish', TARGET).remedy).toBeUndefined();
  const lost = new CallerError('lost', 'gone');
  expect(withAdvice(lost, 'connect', TARGET)).toBe(lost);
});
