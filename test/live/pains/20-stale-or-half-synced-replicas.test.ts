import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { usable } from '../support/client-view.js'
import { clientOf } from '../support/clients.js'
import { needsPartitions } from '../support/partitions.js'
import { eventually, executed, replicated } from '../support/server-view.js'

const KEYS = 2_000
const LOAD_DELAY_US = '400'

let topology: LocalTopology
let primary: LocalNode
let replicas: readonly LocalNode[]

beforeAll(async () => {
  // Sentinels ask for INFO every 2 s (every 10 by default): their word on a replica is that old. Loading takes 0.8 s.
  topology = await startTopology({ downAfterMs: 60_000, config: { 'key-load-delay': LOAD_DELAY_US } })
  await Promise.all(topology.sentinels.map((one) => one.command('SENTINEL', 'DEBUG', 'info-period', '2000')))
  primary = await topology.primary()
  await primary.command('EVAL', "for i = 0, ARGV[1] - 1 do redis.call('SET', 'key:' .. i, i) end", 0, KEYS)
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await topology.settled()
  replicas = await topology.replicas()
  await replicated(primary, replicas)
})

/** Reads keys that all exist, one after the other, until stopped; resolves with how many were read and those that were told not to exist. */
function readAll(client: SentinelRedis): { stop(): Promise<{ read: number; missing: string[] }> } {
  let [going, read] = [true, 0]
  const missing: string[] = []
  const done = (async () => {
    for (; going; read += 1) {
      const key = `key:${read % KEYS}`
      if ((await client.get(key)) === null) missing.push(key)
    }
  })()
  done.catch(() => undefined)
  return {
    stop: async () => {
      going = false
      await done
      return { read, missing }
    }
  }
}

describe('a replica that has not all its data never answers that an existing key does not exist:', () => {
  const throughout = async (disturb: (replica: LocalNode) => Promise<void>): Promise<void> => {
    const [disturbed] = replicas
    if (disturbed === undefined) throw new Error('there are no replicas')
    await using preferred = clientOf(topology, { readFrom: 'replicaPreferred' })
    await using strict = clientOf(topology, { readFrom: 'replica' })
    await Promise.all([usable(preferred, 2), usable(strict, 2)])
    const readers = [readAll(preferred), readAll(strict)]
    await disturb(disturbed)
    await Promise.all([usable(preferred, 2), usable(strict, 2)])
    const before = await executed(disturbed, 'get')
    await eventually(async () => {
      expect(await executed(disturbed, 'get')).toBeGreaterThan(before)
    })
    for (const reader of readers) {
      const { read, missing } = await reader.stop()
      expect(missing.slice(0, 3)).toEqual([])
      expect(read).toBeGreaterThan(10)
    }
  }

  test('restarted, while it loads what it had', async () => {
    await throughout((replica) => replica.restart())
  })

  test('restarted without its data, before and while it is sent all of it', async () => {
    await primary.command('CONFIG', 'SET', 'repl-diskless-sync', 'yes', 'repl-diskless-sync-delay', '2')
    try {
      await throughout(async (replica) => {
        await replica.kill()
        rmSync(join(replica.directory, 'appendonlydir'), { recursive: true })
        await replica.start()
        expect(await replica.command('DBSIZE')).toBe(0)
      })
    } finally {
      await primary.command('CONFIG', 'SET', 'repl-diskless-sync', 'no')
    }
  })

  test('sent all of it anew while it is read from', async () => {
    const fullSyncs = async (): Promise<number> =>
      Number(/sync_full:(\d+)/.exec(String(await primary.command('INFO', 'stats')))?.[1])
    await throughout(async (replica) => {
      const before = await fullSyncs()
      await primary.command('DEBUG', 'CHANGE-REPL-ID')
      await primary.command('CLIENT', 'KILL', 'TYPE', 'replica')
      await replica.command('CLIENT', 'KILL', 'TYPE', 'master')
      await eventually(async () => {
        expect(await fullSyncs()).toBeGreaterThan(before)
        expect(String(await replica.command('INFO', 'replication'))).toContain('master_link_status:up')
      })
    })
  })
})

describe('a replica whose replication stands still', () => {
  test('is not asked for what this client wrote, though nobody has noticed yet; without the rule it is', async (context) => {
    await needsPartitions(context)
    await using client = clientOf(topology)
    await using careless = clientOf(topology, { consistency: 'eventual' })
    await Promise.all([usable(client, 2), usable(careless, 2)])
    const heals = await Promise.all(replicas.map((replica) => replica.partition('peers')))
    try {
      expect(await misses(client, 200)).toBe(0)
      expect(await misses(careless, 50)).toBeGreaterThan(0)
    } finally {
      await Promise.all(heals.map((heal) => heal()))
    }
  })

  test('is not asked for anything once a sentinel has seen that its link is down, and is asked again when it is up', async () => {
    const [stale, fresh] = replicas
    if (stale === undefined || fresh === undefined) throw new Error('there are not two replicas')
    await Promise.all(topology.sentinels.map((one) => one.command('SENTINEL', 'DEBUG', 'info-period', '200')))
    await using client = clientOf(topology, { pollIntervalMs: 200 })
    await usable(client, 2)
    await primary.command('SET', 'news', 'old')
    await replicated(primary, replicas)
    // A sentinel mends this too, some 8 s later.
    await stale.command('REPLICAOF', '127.0.0.1', '1')
    await primary.command('SET', 'news', 'new')
    await replicated(primary, [fresh])
    expect(await stale.command('GET', 'news')).toBe('old')
    await usable(client, 1)
    const before = await executed(stale, 'get')
    for (let index = 0; index < 50; index += 1) expect(await client.get('news')).toBe('new')
    expect(await executed(stale, 'get')).toBe(before)
    await stale.command('REPLICAOF', primary.address.host, primary.address.port)
    await usable(client, 2)
    await replicated(primary, replicas)
    await eventually(async () => {
      expect(await client.get('news')).toBe('new')
      expect(await executed(stale, 'get')).toBeGreaterThan(before)
    })
  })

  test('is not asked for anything once it is held to be down', async (context) => {
    await needsPartitions(context)
    const [cut] = replicas
    if (cut === undefined) throw new Error('there are no replicas')
    await Promise.all(
      topology.sentinels.map((one) => one.command('SENTINEL', 'SET', topology.name, 'down-after-milliseconds', '500'))
    )
    await using client = clientOf(topology)
    await usable(client, 2)
    const heal = await cut.partition('peers')
    try {
      await primary.command('SET', 'news', 'newer')
      await usable(client, 1)
      const before = await executed(cut, 'get')
      for (let index = 0; index < 50; index += 1) expect(await client.get('news')).toBe('newer')
      expect(await executed(cut, 'get')).toBe(before)
    } finally {
      await heal()
    }
  })
})

/** Writes and reads random keys, through single commands, pipelines, MULTI and scripts; gives the reads that missed a write. */
async function misses(client: SentinelRedis, rounds: number): Promise<number> {
  let missed = 0
  const expected = new Map<string, string>()
  client.defineCommand('put', { numberOfKeys: 1, lua: "return redis.call('set', KEYS[1], ARGV[1])" })
  const scripted = client as unknown as { put: (key: string, value: string) => Promise<string> }
  for (let round = 0; round < rounds; round++) {
    const key = `key-${round % 17}`
    const value = `value-${round}`
    switch (round % 4) {
      case 0:
        await client.set(key, value)
        break
      case 1:
        await client.pipeline().set(key, value).set(`other-${round}`, value).exec()
        break
      case 2:
        await client.multi().set(key, value).exec()
        break
      default:
        await scripted.put(key, value)
    }
    expected.set(key, value)
    const wanted = `key-${(round * 7) % 17}`
    if (!expected.has(wanted)) continue
    const single = await client.get(wanted)
    const [piped] = (await client.pipeline().get(wanted).exec()) ?? []
    if (single !== expected.get(wanted)) missed += 1
    if (piped?.[1] !== expected.get(wanted)) missed += 1
  }
  return missed
}
