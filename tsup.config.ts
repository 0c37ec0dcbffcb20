import { defineConfig } from 'tsup'

const shared = { target: 'node20', sourcemap: true, splitting: true, treeshake: true } as const

export default defineConfig([
  {
    ...shared,
    entry: { index: 'src/index.ts', testkit: 'src/testkit/index.ts' },
    format: ['esm', 'cjs'],
    dts: true,
    external: ['ioredis', 'ioredis-sentinel']
  },
  {
    ...shared,
    entry: { cli: 'src/cli/main.ts' },
    format: ['esm'],
    noExternal: ['commander', 'cli-table3', 'picocolors'],
    external: ['ioredis', 'ioredis-sentinel'],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"
    }
  }
])
