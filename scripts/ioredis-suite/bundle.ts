import { build } from 'esbuild'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Below node_modules, so that the packages are found. */
const PLACE = fileURLToPath(new URL('../../node_modules/.cache/ioredis-suite', import.meta.url))

export interface Bundles {
  readonly replaceRedis: string
  readonly client: string
  remove(): void
}

/** What runs within mocha, with the source of this library, as CommonJS: so the suite is loaded too. */
export async function bundles(): Promise<Bundles> {
  const outdir = join(PLACE, String(process.pid))
  await build({
    entryPoints: ['replace-redis', 'client'].map((name) =>
      fileURLToPath(new URL(`./mocha/${name}.ts`, import.meta.url))
    ),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // By the paths of tsconfig.json; as packages they would stay outside.
    alias: {
      'ioredis-sentinel/testkit': fileURLToPath(new URL('../../src/testkit/index.ts', import.meta.url)),
      'ioredis-sentinel': fileURLToPath(new URL('../../src/index.ts', import.meta.url))
    },
    logLevel: 'error'
  })
  return {
    replaceRedis: join(outdir, 'replace-redis.cjs'),
    client: join(outdir, 'client.cjs'),
    remove: () => {
      rmSync(outdir, { recursive: true, force: true })
    }
  }
}
