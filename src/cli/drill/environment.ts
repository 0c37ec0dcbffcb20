import { cpus, release, type } from 'node:os'
import type { SentinelRedis } from '../../index.js'
import type { DrillFault } from './faults.js'
import type { DrillFlags } from './flags.js'
import type { DrillResult } from './result.js'

/** What one needs to know, or to type, to see the same again; no address of a sentinel, and no secret. */
export async function drillEnvironment(
  client: SentinelRedis,
  fault: DrillFault,
  flags: DrillFlags,
  pauseMs: number
): Promise<DrillResult['environment']> {
  const { replicas, sentinels, settings } = client.topology
  const typed = [
    fault,
    ...(flags.local === true ? ['--local', `--replicas ${flags.replicas}`, `--down-after ${flags.downAfter}`] : []),
    ...(fault === 'pause' || fault === 'sleep' ? [`--pause ${pauseMs}`] : []),
    `--write-rate ${flags.writeRate}`,
    `--read-rate ${flags.readRate}`,
    ...(flags.duration > 0 ? [`--duration ${flags.duration}`] : [])
  ]
  return [
    ['server', await serverVersion(client)],
    ['client', `Node ${process.version}, ${type()} ${release()}, ${cpus().length} processors`],
    [
      'topology',
      `1 primary, ${replicas.length} replicas, ${sentinels.length} sentinels, quorum ${settings?.quorum ?? 'unknown'}`
    ],
    ['down-after-milliseconds', String(settings?.downAfterMs ?? 'unknown')],
    ['load', `${flags.writeRate} RPUSH and ${flags.readRate} LINDEX a second, open loop`],
    ['command', `ioredis-sentinel drill ${typed.join(' ')}`]
  ]
}

async function serverVersion(client: SentinelRedis): Promise<string> {
  const info = await client.info('server').catch(() => undefined)
  if (info === undefined) return 'unknown: this user may not ask INFO'
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = field('valkey_version')
  return valkey === undefined ? `Redis ${field('redis_version') ?? 'of an unknown version'}` : `Valkey ${valkey}`
}
