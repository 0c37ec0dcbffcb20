import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../lib/run-program.mjs'
import { say } from '../lib/say.mjs'
import { cachedFolder, NotToBeHad } from './cache.js'
import { debianApt } from './debian-apt.js'

const SUITE = 'trixie'
const PACKAGES = ['redis-server', 'redis-sentinel', 'valkey-server', 'valkey-sentinel']

/**
 * A folder with the servers of Debian's next release and all the libraries they need, unpacked but not installed: no root is
 * needed, and nothing of the machine is changed.
 *
 * @throws NotToBeHad
 */
export async function prepareDebianFolder(): Promise<string> {
  return join(await cachedFolder(`debian-${SUITE}-${process.arch}`, fill), 'root')
}

async function fill(folder: string): Promise<void> {
  const apt = debianApt(join(folder, 'apt'), SUITE)
  say(`fetching ${PACKAGES.join(', ')} of Debian ${SUITE} by apt-get …`)
  await run('apt-get', [...apt, 'update'])
  await run('apt-get', [...apt, 'install', '--yes', '--download-only', '--no-install-recommends', ...PACKAGES])
  const archives = join(folder, 'apt/cache/archives')
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    await run('dpkg-deb', ['--extract', join(archives, file), join(folder, 'root')])
  rmSync(join(folder, 'apt'), { recursive: true })
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const code = await runProgram(program, args, { stdin: 'ignore' })
  if (code !== 0) throw new NotToBeHad(`${program} ended with exit code ${code}, see above`)
}
