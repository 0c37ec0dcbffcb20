import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../lib/programs.mjs'
import { NotToBeHad } from './cache.js'
import { debianMirrorIn, TARGET_FORMAT } from './debian-mirror.js'

/** Where the package debian-archive-keyring puts it; apt's own trust decides where it is not there. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The first arguments of an apt-get that knows a release of Debian and nothing else, with a state of its own in `folder`, in which
 * nothing is installed, and the machine's mirror, proxies and other settings. No root is needed, and nothing of the machine is changed.
 *
 * @throws NotToBeHad
 */
export function debianApt(folder: string, suite: string): readonly string[] {
  const missing = ['apt-get', 'dpkg-deb'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0)
    throw new NotToBeHad(`it comes from Debian's packages, and these are not on the PATH: ${missing.join(', ')}`)
  const mirror = debianMirrorIn(ask('apt-get', ['indextargets', '--format', TARGET_FORMAT]))
  if (mirror === undefined)
    throw new NotToBeHad("it comes from Debian's packages, and apt's sources on this machine name no mirror of Debian")
  for (const path of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, path), { recursive: true })
  const sources = join(folder, 'sources.list')
  writeFileSync(sources, `deb ${existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : ''}${mirror} ${suite} main\n`)
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
