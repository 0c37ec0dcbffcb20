import { build } from 'esbuild'
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { browserPages } from '../../../scripts/lib/browser-pages.mjs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = join(ROOT, 'node_modules/.cache/live-tests')

/** The command line in one file, which starts in a fraction of the time that its many sources take. Made before the live tests. */
export const COMMAND_LINE = join(FOLDER, 'command-line.mjs')

/** Called by vitest once, before all files. */
export async function setup(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const unfinished = mkdtempSync(join(FOLDER, 'unfinished-'))
  try {
    const outfile = join(unfinished, 'command-line.mjs')
    await build({
      absWorkingDir: ROOT,
      entryPoints: ['src/cli/main.ts'],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      plugins: [browserPages()],
      outfile
    })
    renameSync(outfile, COMMAND_LINE)
  } finally {
    rmSync(unfinished, { recursive: true })
  }
}
