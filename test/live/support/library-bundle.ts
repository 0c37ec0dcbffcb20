import { build } from 'esbuild'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRunning } from '../testkit-processes.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = join(ROOT, 'node_modules/.cache/live-tests')
const OF_THIS_RUN = join(FOLDER, `library-${process.pid}`)

/** Under these names, as in `exports` of package.json. */
export const ENTRIES = {
  'ioredis-sentinel/testkit': 'testkit',
  'ioredis-sentinel/prometheus': 'prometheus',
  'ioredis-sentinel/opentelemetry': 'opentelemetry',
  'ioredis-sentinel': 'index'
} as const

/** Where the library of this run is once `setup()` is over: a few files, which every test file loads in a moment, not a few hundred. */
export const bundled = (entry: string): string => join(OF_THIS_RUN, `${entry}.mjs`)

/** Called by vitest once, before all files, in the process that reads vitest.config.ts. */
export async function setup(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  for (const name of readdirSync(FOLDER)) {
    const pid = /^library-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(FOLDER, name), { recursive: true, force: true })
  }
  await build({
    absWorkingDir: ROOT,
    entryPoints: Object.values(ENTRIES).map((entry) => ({
      in: entry === 'index' ? 'src/index.ts' : `src/${entry}/index.ts`,
      out: entry
    })),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    sourcemap: true,
    outExtension: { '.js': '.mjs' },
    outdir: OF_THIS_RUN
  })
}

export function teardown(): void {
  rmSync(OF_THIS_RUN, { recursive: true, force: true })
}
