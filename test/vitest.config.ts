import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // Programs of others must be installed for these, or root is needed: npm run test:receivers, test:namespaces
    exclude: [...configDefaults.exclude, 'test/receivers/**', 'test/namespaces/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most tests wait for processes and disks, so one worker a core is not too many, on two cores either.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
