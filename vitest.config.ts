import { configDefaults, defineConfig } from 'vitest/config';

const tests = ['packages/*/test/**/*.test.ts', 'tools/**/*.test.ts'];
/** They start servers of their own, after missing ones were installed. */
const testsWithServers = ['{packages,apps}/*/test/**/*.services.test.ts', 'apps/bench/test/spike-*.test.ts'];
const exclude = [...configDefaults.exclude, ...testsWithServers];

export default defineConfig({
  test: {
    reporters: ['default', './tools/count-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: tests, exclude } },
      { extends: true, test: { name: 'apps', include: ['apps/*/test/**/*.test.ts'], exclude, testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'services',
          include: testsWithServers,
          globalSetup: './tools/servers.ts',
          testTimeout: 120_000,
        },
      },
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
