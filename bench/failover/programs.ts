import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/** The processes that a run is made of, as plain JavaScript. */
export interface Programs {
  readonly lane: string
  readonly client: string
  readonly remove: () => void
}

const HERE = fileURLToPath(new URL('.', import.meta.url))
/** Below node_modules, so that the packages are found. */
const PLACE = fileURLToPath(new URL('../../node_modules/.cache/bench-failover', import.meta.url))

/**
 * Bundles them, this library as its published files are: a process then starts in a third of the time, and the whole benchmark
 * measures one state of the sources.
 */
export async function buildPrograms(): Promise<Programs> {
  const outDir = join(PLACE, String(process.pid))
  await build({
    config: false,
    silent: true,
    entry: { lane: join(HERE, 'lane-main.ts'), client: join(HERE, 'client-main.ts') },
    outDir,
    format: ['esm'],
    target: 'node20',
    splitting: false,
    noExternal: [/^ioredis-sentinel/],
    external: ['ioredis', 'redis', 'pino', 'eventemitter3']
  })
  return {
    lane: join(outDir, 'lane.js'),
    client: join(outDir, 'client.js'),
    remove: () => {
      rmSync(outDir, { recursive: true, force: true })
    }
  }
}
