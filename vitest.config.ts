import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const alias = {
  'ioredis-sentinel/testkit': path('./src/testkit/index.ts'),
  'ioredis-sentinel': path('./src/index.ts')
}

const project = (name: string, extra: object = {}) => ({
  resolve: { alias },
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: 'node' as const, ...extra }
})

export default defineConfig({
  test: {
    projects: [
      project('unit', { maxWorkers: 2 }),
      project('spec'),
      project('live', {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        teardownTimeout: 20_000,
        pool: 'forks',
        maxWorkers: 3,
        sequence: { groupOrder: 1 }
      }),
      // Its own worker threads take all cores.
      project('simulation', { testTimeout: 900_000, sequence: { groupOrder: 3 } }),
      project('package', { maxWorkers: 2, testTimeout: 180_000, hookTimeout: 180_000, sequence: { groupOrder: 2 } })
    ]
  }
})
