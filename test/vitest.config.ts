import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build-once.ts',
    testTimeout: 20_000,
    coverage: {
      provider: 'v8',
      reporter: ['text-summary'],
      include: ['src/codec/**', 'src/topic/**', 'src/session/**'],
      thresholds: { lines: 95 },
    },
  },
});
