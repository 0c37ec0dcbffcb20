import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

export default defineConfig({
  root: path('.'),
  // In your project the package is installed, and this is not needed.
  resolve: {
    alias: {
      'ioredis-sentinel/testkit': path('../../src/testkit/index.ts'),
      'ioredis-sentinel': path('../../src/index.ts')
    }
  },
  test: { include: ['*.vitest.ts'] }
})
