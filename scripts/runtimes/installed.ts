import { copyFileSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../lib/root.mjs'
import { runProgram } from '../lib/run-program.mjs'
import { CannotGoOn } from '../lib/say.mjs'

export interface Installed {
  readonly folder: string
  readonly remove: () => void
}

/** A folder in which the packed library and ioredis are installed, with the program beside. */
export async function installPacked(): Promise<Installed> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-runtimes-')))
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await npm('pack', '--silent', '--pack-destination', folder)
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? ''
    const path = join(ROOT, 'node_modules/ioredis/package.json')
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    const packages = [join(folder, tarball), `ioredis@${version}`]
    await npm('install', '--prefix', folder, '--silent', '--no-audit', '--no-fund', ...packages)
    copyFileSync(fileURLToPath(new URL('program.mjs', import.meta.url)), join(folder, 'program.mjs'))
    return { folder, remove }
  } catch (error) {
    remove()
    throw error
  }
}

async function npm(...args: readonly string[]): Promise<void> {
  const code = await runProgram('npm', args, { stdin: 'ignore' })
  if (code !== 0) throw new CannotGoOn(`npm ${args[0]} ended with exit code ${code}, see above`)
}
