import { cpus, release, type } from 'node:os'
import type { Fault, LocalNode } from 'ioredis-sentinel/testkit'
import type { DemoOptions } from './options.js'
import type { ProgramProcess } from './program-process.js'

/** What one needs to know, or to type, to see the same again. */
export async function describeEnvironment(
  node: LocalNode,
  options: DemoOptions,
  fault: Fault,
  programs: readonly ProgramProcess[]
): Promise<[string, string][]> {
  const settings = [
    `--fault ${fault}`,
    `--rate ${options.rate}`,
    `--down-after ${options.downAfterMs}`,
    ...(options.durationMs > 0 ? [`--duration ${options.durationMs / 1000}`] : [])
  ]
  return [
    ['server', await serverVersion(node)],
    ['node', process.version],
    ['system', `${type()} ${release()}, ${cpus().length} processors`],
    ['topology', '1 primary, 2 replicas, 3 sentinels, each a process of its own on this machine'],
    ['down-after-milliseconds', String(options.downAfterMs)],
    ['load', `${options.rate} RPUSH and ${options.rate} GET per second, open loop; 50 SET per second`],
    ['command', `npm run demo -- ${settings.join(' ')}`],
    ...programs.map((program): [string, string] => [
      `${program.name}, client's own count`,
      JSON.stringify(program.stats)
    ])
  ]
}

async function serverVersion(node: LocalNode): Promise<string> {
  const info = String(await node.command('INFO', 'server'))
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = field('valkey_version')
  return valkey === undefined ? `Redis ${field('redis_version') ?? '(unknown)'}` : `Valkey ${valkey}`
}
