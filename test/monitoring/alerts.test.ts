import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { LocalNode, LocalSentinel } from 'ioredis-sentinel/testkit'
import { readRendered } from '../manifests/support/objects.js'
import type { FiringAlert } from './support/prometheus.js'
import { groupsOf } from './support/rules.js'
import { PASSWORD, WatchedTopology } from './support/watched-topology.js'

/** What each alert waits for here instead of up to an hour. */
const LASTING = '5s'
const WITHIN = { timeout: 180_000, interval: 500 }
/** promtool does these: rules.test.ts. */
const NOT_HERE = ['VolumeFillsUp', 'RedisNotWatched', 'SentinelCertificateOld']

const rules = groupsOf(readRendered('production')).flatMap((group) => group.rules)
let watched: WatchedTopology

beforeAll(async () => {
  watched = await WatchedTopology.start(LASTING)
  const asked = 'max_over_time(up[1m]) == 1'
  await vi.waitFor(async () => expect(await watched.prometheus.query(asked)).toHaveLength(8), WITHIN)
  await quiet()
})

afterAll(() => watched?.stop())

async function firing(): Promise<readonly FiringAlert[]> {
  return (await watched.prometheus.alerts()).filter(({ state }) => state === 'firing')
}

/** Waits until these fire, each for exactly these pods where it names pods, and each with the labels that its own text is made of. Others may. */
async function fires(expected: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const alerts = await vi.waitFor(async () => {
    const found = await firing()
    for (const [name, pods] of Object.entries(expected)) {
      const ofName = found.filter(({ labels }) => labels['alertname'] === name)
      expect(ofName, name).not.toEqual([])
      expect(ofName.flatMap(({ labels }) => labels['pod'] ?? []).toSorted(), name).toEqual(pods.toSorted())
    }
    return found
  }, WITHIN)
  for (const { labels } of alerts) {
    const { alertname = '' } = labels
    const text = JSON.stringify(rules.find(({ alert }) => alert === alertname)?.annotations)
    for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) expect(labels, alertname).toHaveProperty(label)
    expect(labels['namespace'], alertname).toBe('redis')
  }
}

/** Waits until it has fired for this pod, whatever it did for others, and though it may be over. */
async function firesAmongOthers(name: string, ofPod: string): Promise<void> {
  const query = `count_over_time(ALERTS{alertname="${name}",alertstate="firing",pod="${ofPod}"}[5m])`
  await vi.waitFor(async () => expect(await watched.prometheus.query(query), name).toHaveLength(1), WITHIN)
}

/** Waits until none fires; of what was unknown to a client is told for ten minutes. */
async function quiet(): Promise<void> {
  await vi.waitFor(async () => {
    const names = (await firing()).map(({ labels }) => labels['alertname'])
    expect(names.filter((name) => name !== 'ClientUnknownOutcomes')).toEqual([])
  }, WITHIN)
}

const pod = (server: LocalNode | LocalSentinel): string => watched.pod(server)

async function roles(): Promise<{ primary: LocalNode; replica: LocalNode; other: LocalNode }> {
  const primary = await watched.topology.primary()
  const [replica, other] = await watched.topology.replicas()
  if (replica === undefined || other === undefined) throw new Error('there are not two replicas')
  return { primary, replica, other }
}

function sentinels(): readonly [LocalSentinel, LocalSentinel, LocalSentinel] {
  const [first, second, third] = watched.topology.sentinels
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('there are not three sentinels')
  return [first, second, third]
}

it('none fires for half a minute in which the examples write and read', async () => {
  const isWorked =
    'sum(increase(ioredis_sentinel_calls_total[30s])) > 500 and count(count_over_time(up[30s]) > 10) == 8'
  await vi.waitFor(async () => {
    expect(await watched.prometheus.query(isWorked)).toHaveLength(1)
    expect(await watched.prometheus.query('count_over_time(ALERTS{alertstate="firing"}[30s])')).toEqual([])
  }, WITHIN)
})

it('one replica dies, then the other', async () => {
  const { replica, other } = await roles()
  await replica.kill()
  await fires({ RedisPodDown: [pod(replica)], RedisReplicaMissing: [], SentinelGhostReplicas: [] })
  expect((await firing()).map(({ labels }) => labels['alertname'])).not.toContain('RedisNoReplica')
  await other.kill()
  await fires({ RedisNoReplica: [], RedisPodDown: [pod(replica), pod(other)] })
  await Promise.all([replica.start(), other.start()])
  await quiet()
})

it('a replica hangs', async () => {
  const { replica } = await roles()
  await replica.freeze()
  await fires({ RedisPodDown: [pod(replica)] })
  await replica.thaw()
  await quiet()
})

it('no connection is left for the exporter', async () => {
  const { replica } = await roles()
  await replica.command('CONFIG', 'SET', 'maxclients', '1')
  await fires({ RedisPodDown: [pod(replica)] })
  await replica.restart()
  await quiet()
})

it('an exporter ends', async () => {
  const { replica } = await roles()
  await watched.exporter(pod(replica)).stop()
  await fires({ RedisPodDown: [pod(replica)] })
  await watched.startExporter(pod(replica))
  await quiet()
})

it('a replica has the wrong password, another almost no memory, the primary cannot rewrite its AOF, a sentinel stands still', async () => {
  const { primary, replica, other } = await roles()
  const [, , third] = sentinels()
  const aof = join(primary.directory, 'appendonlydir')
  await replica.command('CONFIG', 'SET', 'masterauth', 'wrong')
  await primary.command('CLIENT', 'KILL', 'TYPE', 'replica')
  const used = /^used_memory:(\d+)/m.exec(String(await other.command('INFO', 'memory')))?.[1]
  await other.command('CONFIG', 'SET', 'maxmemory', String(Math.round(Number(used) * 1.1)))
  // Were it merely gone, redis would make it anew.
  renameSync(aof, `${aof}-away`)
  writeFileSync(aof, '')
  await expect(primary.command('BGREWRITEAOF')).rejects.toThrow()
  await third.freeze()
  await fires({
    RedisReplicaLinkDown: [pod(replica)],
    RedisReplicaMissing: [],
    RedisMemoryHigh: [pod(other)],
    RedisAofFailing: [pod(primary)],
    RedisPodDown: [pod(third)],
    SentinelMissing: []
  })
  await third.thaw()
  await firesAmongOthers('SentinelTilt', pod(third))

  await replica.command('CONFIG', 'SET', 'masterauth', PASSWORD)
  await other.command('CONFIG', 'SET', 'maxmemory', '0')
  rmSync(aof)
  renameSync(`${aof}-away`, aof)
  await primary.command('BGREWRITEAOF')
  await quiet()
})

it('a sentinel watches another group of the same name', async () => {
  const { primary, replica } = await roles()
  const [, , third] = sentinels()
  await watch(third, replica)
  await fires({ SentinelsDisagree: [] })
  await watch(third, primary)
  await quiet()
})

it('one sentinel after the other dies, then the primary, and at last two say that they are it', async () => {
  const { primary, replica, other } = await roles()
  const [first, second, third] = sentinels()
  await Promise.all([first.kill(), second.kill()])
  await fires({ SentinelNoQuorum: [] })
  await third.kill()
  await fires({ ClientWithoutSentinels: ['example-reader-0', 'example-writer-0'] })
  await primary.freeze()
  const isCut =
    '(ioredis_sentinel_in_flight > 0 or ioredis_sentinel_unknown_outcomes_total > 0) and {pod="example-writer-0"}'
  await vi.waitFor(async () => expect(await watched.prometheus.query(isCut)).not.toEqual([]), WITHIN)
  await primary.kill()
  await fires({ RedisNoPrimary: [], ClientUnknownOutcomes: ['example-writer-0'] })
  await firesAmongOthers('ClientCallsWait', 'example-writer-0')
  await Promise.all([replica, other].map((node) => node.command('REPLICAOF', 'NO', 'ONE')))
  await fires({ RedisSeveralPrimaries: [] })
})

it('each alert has fired, but those that promtool has to show', async () => {
  const fired = await watched.prometheus.query(
    'count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1h]))'
  )
  const names = rules.map(({ alert }) => alert).filter((name) => !NOT_HERE.includes(name))
  expect(fired.map(({ labels }) => labels['alertname'])).toEqual(expect.arrayContaining(names))
})

/** Has a sentinel begin anew with this node as the primary. */
async function watch(sentinel: LocalSentinel, { address }: LocalNode): Promise<void> {
  const { name } = watched.topology
  await sentinel.command('SENTINEL', 'REMOVE', name)
  await sentinel.command('SENTINEL', 'MONITOR', name, address.host, String(address.port), '2')
  await sentinel.command('SENTINEL', 'SET', name, 'auth-pass', PASSWORD)
}
