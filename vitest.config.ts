import { defineConfig } from 'vitest/config';
import { figure } from './__tests__/support/long.ts';

export default defineConfig({
  test: {
    include: ['__tests__/**/*.test.ts'],
    exclude: ['__tests__/real/**'],
    // The files share the modules they import, which halves the time: no test changes a module or its state.
    isolate: false,
    // All cores: the tool itself hardly works while the tests do.
    maxWorkers: '100%',
    // Tests speak to this machine alone: certificates for others would cost each of their processes 40 ms.
    env: { NODE_EXTRA_CA_CERTS: '' },
    testTimeout: figure(20_000, 600_000),
  },
});
