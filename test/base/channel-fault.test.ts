import { expect, it } from 'vitest';
import { ChannelFault } from '../../src/base/channel-fault.ts';

it('says who ended it, what to do, and what caused it', () => {
  const cause = new Error('below');
  const fault = new ChannelFault('no TLS', { endedBy: 'us', next: 'use another port', cause });
  expect(fault).toMatchObject({
    message: 'no TLS',
    endedBy: 'us',
    next: 'use another port',
    cause,
  });
  expect(fault.clause).toBeUndefined();
});
