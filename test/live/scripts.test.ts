import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientOf, failOver, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

const ADD = `local n = redis.call('INCRBY', KEYS[1], ARGV[1]) return n`
const GET = `return redis.call('GET', KEYS[1])`

interface Scripted extends SentinelRedis {
  add(key: string, by: number): Promise<number>
  look(key: string): Promise<string | null>
}

interface ScriptedPipeline {
  add(key: string, by: number): ScriptedPipeline
  look(key: string): ScriptedPipeline
  exec(): Promise<[Error | null, unknown][] | null>
}

let topology: LocalTopology
let primary: LocalNode

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await topology.settled()
  primary = await topology.primary()
  await primary.command('FLUSHALL')
})

function scripted(options: Parameters<typeof clientOf>[1] = {}): Scripted {
  return clientOf(topology, {
    scripts: { add: { lua: ADD, numberOfKeys: 1 }, look: { lua: GET, numberOfKeys: 1, readOnly: true } },
    ...options
  }) as Scripted
}

const pipelineOf = (client: Scripted): ScriptedPipeline => client.pipeline() as unknown as ScriptedPipeline
const multiOf = (client: Scripted): ScriptedPipeline => client.multi() as unknown as ScriptedPipeline

async function allWays(client: Scripted, from: number): Promise<void> {
  expect(await client.add('n', 1)).toBe(from + 1)
  expect(await client.look('n')).toBe(String(from + 1))
  expect(await pipelineOf(client).add('n', 1).look('n').add('n', 1).exec()).toEqual([
    [null, from + 2],
    [null, String(from + 2)],
    [null, from + 3]
  ])
  expect(await multiOf(client).add('n', 1).look('n').exec()).toEqual([
    [null, from + 4],
    [null, String(from + 4)]
  ])
}

test('the scripts option and defineCommand: directly, in a pipeline, in MULTI, and the second time by EVALSHA', async () => {
  await using client = scripted()
  await allWays(client, 0)
  await allWays(client, 4)
  client.defineCommand('twice', { lua: `return ARGV[1] * 2` })
  expect(await (client as unknown as { twice(keys: 0, n: number): Promise<number> }).twice(0, 21)).toBe(42)
  expect(String(await primary.command('INFO', 'commandstats'))).toMatch(/cmdstat_evalsha:calls=[1-9]/)
})

test('keyPrefix is put before their keys', async () => {
  await using client = scripted({ keyPrefix: 'app:' })
  expect(await client.add('n', 2)).toBe(2)
  expect(await pipelineOf(client).add('n', 2).exec()).toEqual([[null, 4]])
  expect(await primary.command('GET', 'app:n')).toBe('4')
})

test('a view of the client has them too', async () => {
  await using client = scripted()
  expect(await (client.with({ idempotent: true }) as Scripted).add('n', 3)).toBe(3)
})

test('a primary that has lost its scripts is given them again', async () => {
  await using client = scripted()
  await client.add('n', 1)
  await primary.command('SCRIPT', 'FLUSH')
  expect(await client.add('n', 1)).toBe(2)
  await primary.command('SCRIPT', 'FLUSH')
  expect(await pipelineOf(client).add('n', 1).add('n', 1).exec()).toEqual([
    [null, 3],
    [null, 4]
  ])
  await expect(client.evalsha('f'.repeat(40), 0)).rejects.toThrow(/NOSCRIPT/)
})

describe('after a failover to a node that never had the scripts', () => {
  test.each<[string, (client: Scripted) => Promise<unknown>, unknown]>([
    ['directly', (client) => client.add('n', 1), 11],
    ['in a pipeline', (client) => pipelineOf(client).add('n', 1).exec(), [[null, 11]]],
    ['in MULTI', (client) => multiOf(client).add('n', 1).exec(), [[null, 11]]]
  ])('%s', async (_name, call, answer) => {
    await using client = scripted()
    await client.add('n', 10)
    await client.wait(2, 5_000)
    await Promise.all(topology.nodes.map((node) => node.command('SCRIPT', 'FLUSH')))
    await failOver(topology, client)
    expect(await call(client)).toEqual(answer)
  })
})

describe('refused by a primary that has become a replica: executed once when it is one again', () => {
  test.each<[string, (client: Scripted) => Promise<unknown>, unknown]>([
    ['directly', (client) => client.add('n', 1), 11],
    ['by EVAL', (client) => client.eval(ADD, 1, 'n', 1), 11],
    [
      'in a pipeline',
      (client) => pipelineOf(client).add('n', 1).add('n', 1).exec(),
      [
        [null, 11],
        [null, 12]
      ]
    ],
    [
      'with the error passed on by the script',
      (client) =>
        client.eval(
          `local r = redis.pcall('INCR', KEYS[1]) if type(r) == 'table' then return redis.error_reply(r.err) end return r`,
          1,
          'n'
        ),
      11
    ]
  ])('%s', async (_name, call, answer) => {
    await using client = scripted()
    await client.add('n', 10)
    await primary.command('REPLICAOF', '127.0.0.1', '1')
    try {
      const result = call(client)
      await eventually(() => {
        expect(client.stats().retried).toBeGreaterThan(0)
      })
      await primary.command('REPLICAOF', 'NO', 'ONE')
      expect(await result).toEqual(answer)
    } finally {
      await primary.command('REPLICAOF', 'NO', 'ONE')
    }
  })

  test('in MULTI the server executes it, and each script says for itself that it was refused', async () => {
    await using client = scripted()
    await client.add('n', 10)
    await primary.command('REPLICAOF', '127.0.0.1', '1')
    try {
      const results = await multiOf(client).add('n', 1).add('n', 1).exec()
      expect(results?.map(([error]) => error?.message)).toEqual([
        expect.stringMatching(/^READONLY/),
        expect.stringMatching(/^READONLY/)
      ])
    } finally {
      await primary.command('REPLICAOF', 'NO', 'ONE')
    }
    expect(await client.add('n', 1)).toBe(11)
  })
})
