import { defineConfig } from 'vitest/config';

const unit = ['packages/*/test/**/*.test.ts', 'tools/**/*.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './tools/count-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: unit } },
      { extends: true, test: { name: 'apps', include: ['apps/*/test/**/*.test.ts'], testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/test/**/*.test-d.ts'],
            tsconfig: './tsconfig.test.json',
          },
        },
      },
    ],
  },
});
