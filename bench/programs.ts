import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/** Programs of a benchmark as plain JavaScript, by the names that they were given. */
export interface Programs<Name extends string> {
  readonly path: (name: Name) => string
  readonly remove: () => void
}

/** Below node_modules, so that the packages are found. */
const PLACE = fileURLToPath(new URL('../node_modules/.cache/bench', import.meta.url))

/**
 * Bundles them, this library as its published files are: a process then starts in a third of the time, and the whole benchmark
 * measures one state of the sources.
 */
export async function buildPrograms<Name extends string>(entry: Readonly<Record<Name, URL>>): Promise<Programs<Name>> {
  const outDir = join(PLACE, String(process.pid))
  const files = Object.entries<URL>(entry).map(([name, url]) => [name, fileURLToPath(url)] as const)
  await build({
    config: false,
    silent: true,
    entry: Object.fromEntries(files),
    outDir,
    format: ['esm'],
    target: 'node20',
    splitting: false,
    noExternal: [/^ioredis-sentinel/],
    external: ['ioredis', 'redis', 'pino', 'eventemitter3', 'prom-client', /^@opentelemetry/]
  })
  return {
    path: (name) => join(outDir, `${name}.js`),
    remove: () => {
      rmSync(outDir, { recursive: true, force: true })
    }
  }
}
