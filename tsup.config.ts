import { resolve } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import { browserPages } from './scripts/lib/browser-pages.mjs'

const shared = { target: 'node20', sourcemap: true, splitting: true, treeshake: true } as const

const entry = {
  index: 'src/index.ts',
  testkit: 'src/testkit/index.ts',
  prometheus: 'src/prometheus/index.ts',
  opentelemetry: 'src/opentelemetry/index.ts'
}

/** The command line runs on the public entries that are published beside it, and holds no second copy of them. */
const publicEntriesBeside: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'public-entries-beside',
  setup(build) {
    build.onResolve({ filter: /\/index\.js$/ }, ({ path, resolveDir }) => {
      const source = resolve(resolveDir, path).replace(/\.js$/, '.ts')
      const found = Object.entries(entry).find(([, file]) => resolve(file) === source)
      return found === undefined ? undefined : { path: `./${found[0]}.js`, external: true }
    })
  }
}

export default defineConfig([
  { ...shared, entry, format: ['esm', 'cjs'], dts: true, external: ['ioredis', 'prom-client', '@opentelemetry/api'] },
  {
    ...shared,
    entry: { cli: 'src/cli/main.ts' },
    format: ['esm'],
    noExternal: ['commander', 'cli-table3', 'log-update', 'picocolors'],
    external: ['ioredis', 'ioredis-sentinel', 'ioredis-sentinel/testkit'],
    esbuildPlugins: [publicEntriesBeside, browserPages()],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"
    }
  }
])
