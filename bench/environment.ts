import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'

/** What one needs to know to see the same again; nothing of it names anybody. */
export interface Environment {
  readonly date: string
  readonly server: string
  readonly node: string
  readonly packages: Readonly<Record<string, string>>
  readonly system: string
  readonly processors: string
  readonly memoryGiB: number
  readonly topology: string
}

/** `topology` says in words what is measured against. */
export function describeEnvironment(topology: string): Environment {
  const [first] = cpus()
  return {
    date: new Date().toISOString(),
    server: serverVersion(),
    node: process.version,
    packages: {
      'ioredis-sentinel': versionIn(new URL('../package.json', import.meta.url)),
      ioredis: packageVersion('ioredis'),
      redis: packageVersion('redis'),
      '@redis/client': packageVersion('@redis/client')
    },
    system: `${type()} ${release()}`,
    processors: `${cpus().length} x ${first?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    topology
  }
}

function serverVersion(): string {
  for (const program of ['redis-server', 'valkey-server']) {
    try {
      const text = execFileSync(program, ['--version'], { encoding: 'utf8' })
      return `${program} ${/v=(\S+)/.exec(text)?.[1] ?? text.trim()}`
    } catch {
      continue
    }
  }
  return 'unknown'
}

/** A package may not export its package.json: it is looked for above its entry. */
function packageVersion(name: string): string {
  const require = createRequire(import.meta.url)
  for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
    try {
      const { name: found, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string
        version?: string
      }
      if (found === name && version !== undefined) return version
    } catch {
      if (folder === dirname(folder)) return 'unknown'
    }
  }
}

function versionIn(path: URL): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

export function environmentRows({ packages, memoryGiB, ...rest }: Environment): string[][] {
  return [...Object.entries(rest), ['memory', `${memoryGiB} GiB`], ...Object.entries(packages)].map(
    ([what = '', value = '']) => [what, value]
  )
}
