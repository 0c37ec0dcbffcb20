import { build } from 'esbuild'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const SOURCE = fileURLToPath(new URL('writer-child.ts', import.meta.url))

let bundled: Promise<string> | undefined

/** Writes the writer, all that it needs in one file, into this folder: from its hundreds of sources it would start in ten seconds or more beside other work. */
export async function putWriterProgram(folder: string): Promise<string> {
  bundled ??= bundle()
  const file = join(folder, 'writer.mjs')
  writeFileSync(file, await bundled)
  return file
}

async function bundle(): Promise<string> {
  const {
    outputFiles: [file]
  } = await build({
    absWorkingDir: ROOT,
    entryPoints: [SOURCE],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // What it takes from packages are CommonJS modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" }
  })
  if (file === undefined) throw new Error(`esbuild made no file of ${SOURCE}`)
  return file.text
}
