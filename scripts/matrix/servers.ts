import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { findProgram } from '../lib/programs.mjs'
import { NotToBeHad } from './cache.js'
import { mismatch, SERVERS, type ServerName, versionIn } from './catalogue.js'
import { prepareDebianFolder } from './debian-folder.js'
import { writeWrappers } from './wrappers.js'

export interface ServerPrograms {
  readonly version: string
  /** It holds redis-server and redis-sentinel, and is to be put before the PATH. */
  readonly folder: string
}

/** @throws NotToBeHad */
export async function prepareServer(name: ServerName): Promise<ServerPrograms> {
  const { origin, product } = SERVERS[name]
  const folder = origin === 'machine' ? machineFolder() : await debianPrograms(name)
  const { stdout, stderr } = spawnSync(join(folder, 'redis-server'), ['--version'], { encoding: 'utf8' })
  const problem = mismatch(name, stdout === '' ? stderr : stdout)
  if (problem !== undefined) throw new NotToBeHad(`${join(folder, 'redis-server')}: ${problem}`)
  return { version: `${product} ${versionIn(stdout)?.version ?? ''}`, folder }
}

function machineFolder(): string {
  const path = findProgram('redis-server')
  if (path === undefined) throw new NotToBeHad('there is no redis-server on the PATH')
  return dirname(path)
}

/** The wrappers hold full paths: they are written anew, since the checkout may have been moved. */
async function debianPrograms(name: ServerName): Promise<string> {
  const root = await prepareDebianFolder()
  const folder = join(dirname(root), name)
  writeWrappers(folder, root, SERVERS[name].prefix)
  return folder
}
