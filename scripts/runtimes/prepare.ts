import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../lib/run-program.mjs'
import { say } from '../lib/say.mjs'
import { cachedFolder, NotToBeHad } from '../matrix/cache.js'
import { type Runtime, type RuntimeName, RUNTIMES, versionIn } from './catalogue.js'

export interface RuntimeProgram {
  readonly version: string
  readonly path: string
  readonly args: readonly string[]
}

/** @throws NotToBeHad */
export async function prepareRuntime(name: RuntimeName): Promise<RuntimeProgram> {
  const { packages, program, args }: Runtime = RUNTIMES[name]
  const path = packages === undefined ? process.execPath : await installed(name, packages, program)
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  if (status !== 0) throw new NotToBeHad(`${path} does not run: ${error?.message ?? `exit code ${status}`}`)
  return { version: versionIn(stdout), path, args }
}

async function installed(
  name: RuntimeName,
  packages: Readonly<Record<string, string>>,
  program: string
): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const wanted = packages[platform]
  if (wanted === undefined)
    throw new NotToBeHad(`npm has ${name} for ${Object.keys(packages).join(', ')}; this machine is ${platform}`)
  const folder = await cachedFolder(`${name}-${platform}`, async (place) => {
    say(`fetching ${wanted} by npm …`)
    writeFileSync(join(place, 'package.json'), '{ "private": true }\n')
    const options = ['--prefix', place, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    const code = await runProgram('npm', ['install', ...options, wanted], { stdin: 'ignore' })
    if (code !== 0) throw new NotToBeHad(`npm install ${wanted} ended with exit code ${code}, see above`)
  })
  return join(folder, 'node_modules', wanted, program)
}
