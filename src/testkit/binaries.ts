import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { MissingBinaryError } from './errors.js'

/** The commands that start a node and a sentinel on this machine, and what the server can do. */
export interface Binaries {
  readonly server: string
  /** Command and leading and trailing arguments around the config file. */
  readonly sentinel: { readonly command: string; readonly after: readonly string[] }
  /** For example `7.0.15`. */
  readonly version: string
  /** Redis 7.0 and every Valkey: `enable-debug-command` and `bind-source-addr` exist. */
  readonly sevenOrNewer: boolean
}

const HELP = `Install one of:
  Debian, Ubuntu  apt-get install redis-server redis-sentinel
  Alpine          apk add redis            (or: apk add valkey valkey-sentinel)
  Fedora, RHEL    dnf install redis        (or: dnf install valkey)
  macOS           brew install redis
or give the paths as serverBinary and sentinelBinary.`

/**
 * Finds the servers: what the options name, else redis-server, else valkey-server, from PATH.
 *
 * @throws MissingBinaryError when there is none.
 */
export async function findBinaries(
  options: { readonly serverBinary?: string | undefined; readonly sentinelBinary?: string | undefined },
  searchPath: string = process.env['PATH'] ?? ''
): Promise<Binaries> {
  const serverNames = options.serverBinary === undefined ? ['redis-server', 'valkey-server'] : [options.serverBinary]
  const server = firstFound(serverNames, searchPath)
  if (server === undefined) throw missing(serverNames, searchPath)
  const sentinel = findSentinel(server, options.sentinelBinary, searchPath)
  const version = await versionOf(server)
  return { server, sentinel, version, sevenOrNewer: Number.parseInt(version, 10) >= 7 }
}

function findSentinel(server: string, named: string | undefined, searchPath: string): Binaries['sentinel'] {
  if (named !== undefined) {
    const command = firstFound([named], searchPath)
    if (command === undefined) throw missing([named], searchPath)
    return { command, after: basename(command).includes('server') ? ['--sentinel'] : [] }
  }
  const name = basename(server).replace('server', 'sentinel')
  const command = name === basename(server) ? undefined : firstFound([join(dirname(server), name), name], searchPath)
  return command === undefined ? { command: server, after: ['--sentinel'] } : { command, after: [] }
}

function firstFound(names: readonly string[], searchPath: string): string | undefined {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '')
  const candidates = names.flatMap((name) =>
    name.includes('/') ? [resolve(name)] : folders.map((folder) => join(folder, name))
  )
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

async function versionOf(server: string): Promise<string> {
  const { stdout } = await promisify(execFile)(server, ['--version'])
  return /\bv=(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '0.0.0'
}

function missing(names: readonly string[], searchPath: string): MissingBinaryError {
  return new MissingBinaryError(`No ${names.join(' or ')} on PATH (${searchPath}).\n${HELP}`, names)
}
