import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../lib/programs.mjs'
import { runProgram } from '../lib/run-program.mjs'
import { say } from '../lib/say.mjs'
import { cachedFolder, NotToBeHad } from './cache.js'
import { debianMirrorIn, TARGET_FORMAT } from './debian-mirror.js'

const SUITE = 'trixie'
const PACKAGES = ['redis-server', 'redis-sentinel', 'valkey-server', 'valkey-sentinel']
/** Where the package debian-archive-keyring puts it; apt's own trust decides where it is not there. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

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
  const missing = ['apt-get', 'dpkg-deb'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0)
    throw new NotToBeHad(`it comes from Debian's packages, and these are not on the PATH: ${missing.join(', ')}`)
  const mirror = debianMirrorIn(ask('apt-get', ['indextargets', '--format', TARGET_FORMAT]))
  if (mirror === undefined)
    throw new NotToBeHad("it comes from Debian's packages, and apt's sources on this machine name no mirror of Debian")

  say(`fetching ${PACKAGES.join(', ')} of Debian ${SUITE} by apt-get …`)
  const apt = aptOf(join(folder, 'apt'), mirror)
  await run('apt-get', [...apt, 'update'])
  await run('apt-get', [...apt, 'install', '--yes', '--download-only', '--no-install-recommends', ...PACKAGES])
  const archives = join(folder, 'apt/cache/archives')
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    await run('dpkg-deb', ['--extract', join(archives, file), join(folder, 'root')])
  rmSync(join(folder, 'apt'), { recursive: true })
}

/** apt-get with a state of its own, in which nothing is installed, and the machine's proxies and other settings. */
function aptOf(folder: string, mirror: string): readonly string[] {
  for (const path of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, path), { recursive: true })
  const sources = join(folder, 'sources.list')
  writeFileSync(sources, `deb ${existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : ''}${mirror} ${SUITE} main\n`)
  const status = join(folder, 'state/status')
  writeFileSync(status, '')
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': status,
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any'
  }
  return ['-qq', ...Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`)]
}

function ask(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new NotToBeHad(`${program} ${args.join(' ')} ended with exit code ${status}: ${stderr}`)
  return stdout
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const code = await runProgram(program, args, { stdin: 'ignore' })
  if (code !== 0) throw new NotToBeHad(`${program} ended with exit code ${code}, see above`)
}
