import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentBytes } from '../../src/inspect/recent-bytes.ts';

it('keeps the last bytes of any that came, at least 2 KiB if there were', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(6000), { maxLength: 12 }), (lengths) => {
      const recent = new RecentBytes();
      let all = Buffer.alloc(0);
      for (const [index, length] of lengths.entries()) {
        const bytes = Buffer.alloc(length, index + 1);
        recent.append(bytes);
        all = Buffer.concat([all, bytes]);
        const kept = recent.bytes;
        expect(kept.equals(all.subarray(all.length - kept.length))).toBe(true);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(all.length, 2048));
        expect(kept.length).toBeLessThanOrEqual(4096);
      }
      recent.clear();
      expect(recent.bytes).toHaveLength(0);
    }),
  );
});
