import { defineConfig } from 'vitest/config';
import { LayerReport } from './__tests__/real/layer-report.ts';
import { LayerSequence } from './__tests__/real/layer-sequence.ts';

/** The lane on real parts: one file after the other, because the machine is part of what they measure. */
export default defineConfig({
  test: {
    include: ['__tests__/real/**/*.test.ts'],
    fileParallelism: false,
    sequence: { sequencer: LayerSequence },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    reporters: ['default', new LayerReport()],
  },
});
