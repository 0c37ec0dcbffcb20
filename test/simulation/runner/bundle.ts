import { build } from 'esbuild'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutation } from './mutations.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The simulator and the source that it runs, as one file for worker threads; with a bug in it if one is given. */
export interface Bundle {
  readonly file: string
  remove(): void
}

/** Throws when the mutation's text is not found exactly once: then the source has changed, and the mutation must follow. */
export async function bundle(mutation?: Mutation): Promise<Bundle> {
  // Inside the project, so that what stays outside the bundle (ioredis above all) is found.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.simulation-'))
  const file = join(folder, 'worker.mjs')
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await build({
      entryPoints: [join(ROOT, 'test/simulation/runner/worker.ts')],
      outfile: file,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'silent',
      plugins: mutation === undefined ? [] : [withBug(mutation)]
    })
    return { file, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function withBug({
  name,
  file,
  replace,
  by
}: Mutation): Parameters<typeof build>[0]['plugins'] extends (infer Plugin)[] | undefined ? Plugin : never {
  const path = join(ROOT, 'src', file)
  return {
    name: `mutation ${name}`,
    setup: (builder) => {
      builder.onLoad({ filter: /\.ts$/ }, ({ path: loaded }) => {
        if (loaded !== path) return undefined
        const source = readFileSync(path, 'utf8')
        const parts = source.split(replace)
        if (parts.length !== 2)
          throw new Error(
            `mutation "${name}" looks for one "${replace}" in src/${file}, and there are ${parts.length - 1}`
          )
        return { contents: parts.join(by), loader: 'ts' }
      })
    }
  }
}
