import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { LocalNode, LocalSentinel } from 'ioredis-sentinel/testkit'
import { readRendered } from '../manifests/support/objects.js'
import type { FiringAlert } from './support/prometheus.js'
import { groupsOf } from './support/rules.js'
import { WatchedTopology } from './support/watched-topology.js'

/** What each alert waits for here instead of up to an hour. */
const LASTING = '5s'
const WITHIN = { timeout: 90_000, interval: 500 }
/** promtool does these: rules.test.ts. */
const NOT_HERE = ['VolumeFillsUp', 'RedisNotWatched']

const rules = groupsOf(readRendered('production')).flatMap((group) => group.rules)
const seen = new Set<string>()
let watched: WatchedTopology

beforeAll(async () => {
  watched = await WatchedTopology.start(LASTING)
  await vi.waitFor(async () => expect(await watched.prometheus.query('count_over_time(up[1m]) > 3')).toHaveLength(8), WITHIN)
  await quiet()
})

afterAll(() => watched?.stop())

async function firing(): Promise<readonly FiringAlert[]> {
  return (await watched.prometheus.alerts()).filter(({ state }) => state === 'firing')
}

/** Waits until these fire, with the labels that each one's own text is made of; others may. */
async function fires(...names: readonly string[]): Promise<readonly FiringAlert[]> {
  const alerts = await vi.waitFor(async () => {
    const found = await firing()
    expect(found.map(({ labels }) => labels['alertname'])).toEqual(expect.arrayContaining([...names]))
    return found
  }, WITHIN)
  for (const { labels } of alerts) {
    const { alertname = '' } = labels
    seen.add(alertname)
    const text = JSON.stringify(rules.find(({ alert }) => alert === alertname)?.annotations)
    for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) expect(labels, alertname).toHaveProperty(label)
    if (alertname !== 'RedisNotWatched') expect(labels['namespace']).toBe('redis')
  }
  return alerts
}

/** The pods that an alert names. */
const podsOf = (alerts: readonly FiringAlert[], name: string): readonly string[] =>
  alerts.filter(({ labels }) => labels['alertname'] === name).map(({ labels }) => labels['pod'] ?? '').toSorted()

/** Waits until none fires; of what was unknown to a client is told for ten minutes. */
async function quiet(): Promise<void> {
  await vi.waitFor(async () => {
    const names = (await firing()).map(({ labels }) => labels['alertname'])
    expect(names.filter((name) => name !== 'ClientUnknownOutcomes')).toEqual([])
  }, WITHIN)
}

async function roles(): Promise<{ primary: LocalNode; replica: LocalNode; other: LocalNode }> {
  const primary = await watched.topology.primary()
  const [replica, other] = await watched.topology.replicas()
  if (replica === undefined || other === undefined) throw new Error('there are not two replicas')
  return { primary, replica, other }
}

function sentinels(): readonly [LocalSentinel, LocalSentinel, LocalSentinel] {
  const [first, second, third] = watched.topology.sentinels
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are not three sentinels')
  return [first, second, third]
}

it('none fires while all is well and the examples write and read', async () => {
  const { prometheus } = watched
  const calls = 'sum(ioredis_sentinel_calls_total)'
  const before = (await prometheus.query(calls))[0]?.value ?? Number.NaN
  await vi.waitFor(async () => expect((await prometheus.query(`${calls} > ${before + 3_000}`)).length).toBe(1), WITHIN)
  expect(await prometheus.query('ALERTS{alertstate="firing"}')).toEqual([])
  expect(await prometheus.query('count_over_time(ALERTS{alertstate="firing"}[20s])')).toEqual([])
})

it('one replica dies, then the other', async () => {
  const { replica, other } = await roles()
  await replica.kill()
  const alerts = await fires('RedisPodDown', 'RedisReplicaMissing', 'SentinelGhostReplicas')
  expect(podsOf(alerts, 'RedisPodDown')).toEqual([watched.pod(replica)])
  expect(podsOf(alerts, 'RedisNoReplica')).toEqual([])
  await other.kill()
  await fires('RedisNoReplica')
  await Promise.all([replica.start(), other.start()])
  await quiet()
})

it('a replica hangs', async () => {
  const { replica } = await roles()
  await replica.freeze()
  expect(podsOf(await fires('RedisPodDown'), 'RedisPodDown')).toEqual([watched.pod(replica)])
  await replica.thaw()
  await quiet()
})

it('no connection is left for the exporter', async () => {
  const { replica } = await roles()
  await replica.command('CONFIG', 'SET', 'maxclients', '1')
  expect(podsOf(await fires('RedisPodDown'), 'RedisPodDown')).toEqual([watched.pod(replica)])
  await replica.restart()
  await quiet()
})

it('an exporter ends', async () => {
  const { replica } = await roles()
  await watched.exporter(watched.pod(replica)).stop()
  expect(podsOf(await fires('RedisPodDown'), 'RedisPodDown')).toEqual([watched.pod(replica)])
  await watched.startExporter(watched.pod(replica))
  await quiet()
})

it('a replica has the wrong password, another almost no memory, and the primary cannot rewrite its AOF', async () => {
  const { primary, replica, other } = await roles()
  const [, , third] = sentinels()
  await replica.command('CONFIG', 'SET', 'masterauth', 'wrong')
  await primary.command('CLIENT', 'KILL', 'TYPE', 'replica')
  const used = /^used_memory:(\d+)/m.exec(String(await other.command('INFO', 'memory')))?.[1]
  await other.command('CONFIG', 'SET', 'maxmemory', String(Math.round(Number(used) * 1.1)))
  rmSync(join(primary.directory, 'appendonlydir'), { recursive: true })
  await primary.command('BGREWRITEAOF').catch(() => undefined)
  await third.freeze()
  const alerts = await fires('RedisReplicaLinkDown', 'RedisReplicaMissing', 'RedisMemoryHigh', 'RedisAofFailing', 'SentinelMissing')
  await third.thaw()
  expect(podsOf(alerts, 'RedisReplicaLinkDown')).toEqual([watched.pod(replica)])
  expect(podsOf(alerts, 'RedisMemoryHigh')).toEqual([watched.pod(other)])
  expect(podsOf(alerts, 'RedisAofFailing')).toEqual([watched.pod(primary)])
  // It stood still.
  expect(podsOf(await fires('SentinelTilt'), 'SentinelTilt')).toEqual([watched.pod(third)])
})
