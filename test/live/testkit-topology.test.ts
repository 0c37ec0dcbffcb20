import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Redis } from 'ioredis'
import { type LocalTopology, MissingBinaryError, ProcessStartError, startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isRunning } from './testkit-processes.js'
import { collectUncaught } from '../support/uncaught.js'

describe('a topology with its defaults', () => {
  let topology: LocalTopology

  beforeAll(async () => {
    topology = await startTopology()
  })

  afterAll(() => topology.stop())

  test('is complete when it is returned: every sentinel sees every node and every other sentinel', async () => {
    expect(topology.nodes).toHaveLength(3)
    expect(topology.sentinels).toHaveLength(3)
    const primary = await topology.primary()
    expect(primary).toBe(topology.nodes[0])
    for (const sentinel of topology.sentinels) {
      const report = await sentinel.report('mymaster')
      expect(report.primary).toEqual(primary.address)
      expect(report.flags).toEqual(['master'])
      expect(report.replicas.map((replica) => [replica.flags.join(), replica.linkUp])).toEqual([
        ['slave', true],
        ['slave', true]
      ])
      expect(report.sentinels.map((other) => other.flags.join())).toEqual(['sentinel', 'sentinel'])
      expect(await sentinel.command('SENTINEL', 'CKQUORUM', 'mymaster')).toMatch(/^OK 3 usable Sentinels/)
    }
  })

  test('gives each process an address of its own in 127.0.0.0/8', () => {
    const hosts = [...topology.nodes, ...topology.sentinels].map((process) => process.address.host)
    expect(new Set(hosts).size).toBe(6)
    for (const host of hosts) expect(host).toMatch(/^127\.(?:[2-9]\d|1\d\d|2[0-4]\d|250)\./)
  })

  test('replicates from own address to own address', async () => {
    const [primary] = topology.nodes
    const info = String(await primary?.command('INFO', 'replication'))
    for (const replica of topology.nodes.slice(1)) {
      expect(info).toContain(`ip=${replica.address.host},port=${replica.address.port},state=online`)
    }
    const clients = String(await primary?.command('CLIENT', 'LIST', 'TYPE', 'replica'))
    for (const replica of topology.nodes.slice(1)) expect(clients).toContain(`addr=${replica.address.host}:`)
  })

  test('has replicas that are sent what is written from the start, not after their next REPLCONF ACK', () => {
    const log = topology.nodes[0]?.logs()
    expect(log?.match(/Synchronization with replica \S+ succeeded/g)).toHaveLength(2)
    expect(log).not.toMatch(/Waiting for REPLCONF ACK/)
  })

  test('is reached by plain ioredis through its sentinels', async () => {
    const redis = new Redis({ name: topology.name, sentinels: topology.sentinelAddresses })
    try {
      expect(await redis.set('through', 'sentinels')).toBe('OK')
      expect(await topology.nodes[0]?.command('GET', 'through')).toBe('sentinels')
    } finally {
      redis.disconnect()
    }
  })

  test("passes the server's own words on", async () => {
    const [node] = topology.nodes
    await expect(node?.command('NOSUCH')).rejects.toThrow(/^ERR unknown command 'NOSUCH'/)
    expect(node?.logs()).toContain('Ready to accept connections')
  })

  test('adds and removes replicas and sentinels', async () => {
    const replica = await topology.addReplica()
    expect(await topology.replicas()).toContain(replica)
    for (const sentinel of topology.sentinels) {
      expect((await sentinel.report('mymaster')).replicas).toHaveLength(3)
    }
    const sentinel = await topology.addSentinel()
    expect((await topology.sentinels[0]?.report('mymaster'))?.sentinels).toHaveLength(3)
    await topology.removeSentinel(sentinel)
    await topology.removeReplica(replica)
    expect(replica.alive || sentinel.alive).toBe(false)
    for (const remaining of topology.sentinels) {
      const report = await remaining.report('mymaster')
      expect([report.replicas.length, report.sentinels.length]).toEqual([2, 2])
    }
    await expect(topology.removeReplica(await topology.primary())).rejects.toThrow('is the primary')
  })
})

test('stop ends every process and removes every folder, and may be called again', async () => {
  const topology = await startTopology({ replicas: 0, sentinels: 1 })
  const processes = [...topology.nodes, ...topology.sentinels]
  const pids = processes.map((process) => process.pid)
  const folder = dirname(processes[0]?.directory ?? '')
  expect(pids.map(isRunning)).toEqual([true, true])
  expect(existsSync(folder)).toBe(true)
  await Promise.all([topology.stop(), topology.stop()])
  await topology.stop()
  expect(pids.map(isRunning)).toEqual([false, false])
  expect(existsSync(folder)).toBe(false)
})

test('passwords of nodes and sentinels are separate, and required', async () => {
  const topology = await startTopology({ replicas: 1, sentinels: 2, password: 'for-nodes', sentinelPassword: 'for-s' })
  try {
    const [node] = topology.nodes
    const [sentinel] = topology.sentinels
    for (const endpoint of [node?.address, sentinel?.address]) {
      const bare = new Redis({ ...endpoint, lazyConnect: true, enableReadyCheck: false, protocol: 2 })
      bare.on('error', () => undefined)
      await expect(bare.connect().then(() => bare.ping())).rejects.toThrow(/NOAUTH/)
      bare.disconnect()
    }
    expect(await node?.command('PING')).toBe('PONG')
    expect(topology.url).toMatch(/^redis\+sentinel:\/\/:for-nodes@127.*\/mymaster\?sentinelPassword=for-s$/)
    await topology.sentinelFailover()
    await expect.poll(async () => (await topology.primary()) === topology.nodes[1], { timeout: 30_000 }).toBe(true)
  } finally {
    await topology.stop()
  }
})

test('two topologies of one process do not meet', async () => {
  const [a, b] = await Promise.all([
    startTopology({ replicas: 0, sentinels: 1 }),
    startTopology({ replicas: 0, sentinels: 1 })
  ])
  try {
    await a.nodes[0]?.command('SET', 'whose', 'a')
    expect(await b.nodes[0]?.command('GET', 'whose')).toBeNull()
    expect((await b.sentinels[0]?.report('mymaster'))?.sentinels).toEqual([])
  } finally {
    await Promise.all([a.stop(), b.stop()])
  }
})

test('a server that refuses its configuration is reported with the end of its log', async () => {
  const start = startTopology({ replicas: 0, sentinels: 1, config: { 'no-such-directive': '1' } })
  await expect(start).rejects.toBeInstanceOf(ProcessStartError)
  await expect(start).rejects.toThrow(/ended while starting[^]*no-such-directive/)
})

test('a missing server is reported with the package to install', async () => {
  const start = startTopology({ serverBinary: 'no-such-server' })
  await expect(start).rejects.toBeInstanceOf(MissingBinaryError)
  await expect(start).rejects.toThrow(
    /No no-such-server on PATH \([^)]+\)[^]*apt-get install redis-server redis-sentinel/
  )
})

test('stop() ends what a restart starts meanwhile', async () => {
  const topology = await startTopology({ replicas: 0, sentinels: 1 })
  const [node] = topology.nodes
  if (node === undefined) throw new Error('there is no node')
  const restarted = node.restart({ graceful: true }).catch((error: unknown) => error)
  await topology.stop()
  expect(await restarted).toBeInstanceOf(ProcessStartError)
  expect(node.pid).toBeUndefined()
  await expect(node.start()).rejects.toThrow('its topology is being stopped')
})

test('a directory may be relative', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-relative-'))
  try {
    const topology = await startTopology({ replicas: 0, sentinels: 1, directory: relative(process.cwd(), folder) })
    expect(topology.nodes[0]?.directory.startsWith(folder)).toBe(true)
    await topology.stop()
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what onPromotion throws is uncaught, and a promotion is told once', async () => {
  await using topology = await startTopology({ replicas: 1, sentinels: 1, downAfterMs: 60_000 })
  const uncaught = collectUncaught()
  const watch = topology.watchPromotions(() => {
    throw new Error('of the callback')
  })
  const [old] = topology.nodes
  await topology.sentinelFailover()
  await vi.waitFor(() => expect(uncaught).toHaveLength(1), { timeout: 20_000 })
  await vi.waitFor(async () => expect((await old?.role())?.role).toBe('replica'), { timeout: 20_000 })
  expect([watch.promotions.length, uncaught.map(String)]).toEqual([1, ['Error: of the callback']])
  watch.stop()
})
