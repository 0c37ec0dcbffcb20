import type { AddressMap, SentinelRedisOptions } from 'ioredis-sentinel'
import { NoPrimaryError, NoReplicaError, SentinelRedis } from 'ioredis-sentinel'
import { once } from 'node:events'
import { connect } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextFailover, usable } from './support/client-view.js'
import { outcome } from './support/clients.js'
import type { OwnNetwork } from './support/own-network.js'
import { ownNetworkSupport, startOwnNetwork } from './support/own-network.js'
import { eventually } from './support/server-view.js'

const unsupported = ownNetworkSupport()
let network: OwnNetwork
beforeAll(async () => {
  if (unsupported === undefined) network = await startOwnNetwork()
})
afterAll(() => network?.[Symbol.asyncDispose]())

/** A client that is told of the forwarded ports of some sentinels, and of all else by the map. */
function clientBy(addressMap: AddressMap, options: Partial<SentinelRedisOptions> = {}) {
  const [first = ''] = Object.values(network.sentinels)
  return new SentinelRedis({ name: network.name, sentinels: [first], addressMap, ...options })
}

/** Reads come from replicas, writes go to the primary, and all sentinels are heard, by their forwarded ports. */
async function worksOn(redis: SentinelRedis, value: string): Promise<void> {
  await redis.set('key', value)
  await usable(redis, 2)
  const replicas = redis.with({ readFrom: 'replica' })
  await eventually(async () => {
    expect(await replicas.get('key')).toBe(value)
  })
  await eventually(() => {
    const { sentinels } = redis.topology
    expect(sentinels.map(({ key, reachable }) => [key, reachable]).sort()).toEqual(
      Object.values(network.sentinels)
        .map((reached) => [reached, true])
        .sort()
    )
  })
}

const announcedBy = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`

test('what is announced is not to be reached from here', async (context) => {
  if (unsupported !== undefined) context.skip(unsupported)
  for (const announced of Object.keys({ ...network.nodes, ...network.sentinels })) {
    const [host, port] = announced.split(':')
    const socket = connect({ host, port: Number(port) })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  }
})

test('an object maps sentinels, primary and replicas, through a failover', async (context) => {
  if (unsupported !== undefined) context.skip(unsupported)
  await using redis = clientBy({ ...network.nodes, ...network.sentinels })
  await worksOn(redis, 'before')
  const before = redis.topology.primary?.address
  const reported = nextFailover(redis)
  await network.failOver('kill')
  await reported
  expect(redis.topology.primary?.address).not.toEqual(before)
  expect(Object.keys(network.nodes)).toContain(announcedBy(redis.topology.primary?.address ?? { host: '', port: 0 }))
  await worksOn(redis, 'after')
})

test('a function is told whom it is asked for, through a failover', async (context) => {
  if (unsupported !== undefined) context.skip(unsupported)
  const asked = { sentinel: new Set<string>(), primary: new Set<string>(), replica: new Set<string>() }
  await using redis = clientBy(({ host, port }, kind) => {
    const announced = announcedBy({ host, port })
    asked[kind].add(announced)
    return kind === 'sentinel' ? network.sentinels[announced] : network.nodes[announced]
  })
  await worksOn(redis, 'before')
  const before = announcedBy(redis.topology.primary?.address ?? { host: '', port: 0 })
  const nodes = Object.keys(network.nodes)
  expect([...asked.sentinel].sort()).toEqual(Object.keys(network.sentinels).sort())
  expect([...asked.primary]).toEqual([before])
  expect([...asked.replica].sort()).toEqual(nodes.filter((node) => node !== before).sort())
  const reported = nextFailover(redis)
  await network.failOver('manual')
  await reported
  await worksOn(redis, 'after')
  expect([...asked.primary]).toContain(announcedBy(redis.topology.primary?.address ?? { host: '', port: 0 }))
  expect([...asked.replica].sort()).toEqual(nodes.sort())
})

test('a map for each role leads each role its own way', async (context) => {
  if (unsupported !== undefined) context.skip(unsupported)
  await using redis = clientBy({ sentinel: network.sentinels, primary: network.nodes, replica: network.nodes })
  await worksOn(redis, 'by role')
  await using writer = clientBy({ sentinel: network.sentinels, primary: network.nodes })
  await writer.set('key', 'x')
  const read = writer.with({ readFrom: 'replica', deadlineMs: 1_000 }).get('key')
  expect(await outcome(read)).toBeInstanceOf(NoReplicaError)
})

test('a map that names other addresses, or fails, says so', async (context) => {
  if (unsupported !== undefined) context.skip(unsupported)
  const lines: { msg: string; unannounced?: string[]; err?: { message: string } }[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line) as never) })
  const strange = { '10.9.9.9:6379': '127.0.0.1:1' }
  await using partly = clientBy({ ...network.nodes, ...network.sentinels, ...strange }, { logger })
  await worksOn(partly, 'partly')
  await eventually(() => {
    expect(lines).toMatchObject([{ unannounced: ['10.9.9.9:6379'] }])
  })
  const refusal = async (map: AddressMap, words: RegExp): Promise<unknown> => {
    let error: unknown
    // By the first, a busy machine may not know why.
    for (const connectDeadlineMs of [1_000, 15_000]) {
      await using client = clientBy(map, { logger, connectDeadlineMs, lazyConnect: true })
      error = await outcome(client.connect())
      if (words.test(String(error))) break
    }
    expect(String(error)).toMatch(words)
    return error
  }
  const names = /addressMap does not name 127\..*, it names .*10\.9\.9\.9:6379/
  expect(await refusal({ ...network.sentinels, ...strange }, names)).toBeInstanceOf(NoPrimaryError)
  await refusal(() => {
    throw new Error('no such pod')
  }, /addressMap\(\{ host: .* \}, "\w+"\) threw: no such pod/)
  expect(lines.map(({ err }) => err?.message ?? '')).toContainEqual(
    expect.stringMatching(/"primary"\) threw: no such pod/)
  )
})
