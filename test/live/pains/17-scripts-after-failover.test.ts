import type { ChainableCommander } from 'ioredis'
import type { SentinelRedis } from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { holds } from '../support/client-view.js'
import { clientOf, failOver, outcome } from '../support/clients.js'
import { useQuietTopology } from '../support/quiet-topology.js'
import { eventually } from '../support/server-view.js'

const ADD = `local n = redis.call('INCRBY', KEYS[1], ARGV[1]) return n`
const GET = `return redis.call('GET', KEYS[1])`

interface Scripted extends SentinelRedis {
  add(key: string, by: number): Promise<number>
  look(key: string): Promise<string | null>
}

interface ScriptedPipeline {
  add(key: string, by: number): ScriptedPipeline
  look(key: string): ScriptedPipeline
  get(key: string): ScriptedPipeline
  exec(): Promise<[Error | null, unknown][] | null>
}

const quiet = useQuietTopology()

function scripted(options: Parameters<typeof clientOf>[1] = {}): Scripted {
  return clientOf(quiet.topology, {
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
  expect(String(await quiet.primary.command('INFO', 'commandstats'))).toMatch(/cmdstat_evalsha:calls=[1-9]/)
})

test('keyPrefix is put before their keys', async () => {
  await using client = scripted({ keyPrefix: 'app:' })
  expect(await client.add('n', 2)).toBe(2)
  expect(await pipelineOf(client).add('n', 2).exec()).toEqual([[null, 4]])
  expect(await quiet.primary.command('GET', 'app:n')).toBe('4')
})

test('a view of the client has them too', async () => {
  await using client = scripted()
  expect(await (client.with({ idempotent: true }) as Scripted).add('n', 3)).toBe(3)
})

test('a primary that has lost its scripts is given them again', async () => {
  await using client = scripted()
  await client.add('n', 1)
  await quiet.primary.command('SCRIPT', 'FLUSH')
  expect(await client.add('n', 1)).toBe(2)
  await quiet.primary.command('SCRIPT', 'FLUSH')
  expect(await pipelineOf(client).add('n', 1).add('n', 1).exec()).toEqual([
    [null, 3],
    [null, 4]
  ])
  await expect(client.evalsha('f'.repeat(40), 0)).rejects.toThrow(/NOSCRIPT/)
})

describe('a MULTI on a connection that was given the text, and a server that has not read it, or has forgotten it', () => {
  test.each<[string, (client: Scripted) => Promise<void>]>([
    [
      'a watched key was changed',
      async (client) => {
        await client.watch('w')
        await quiet.primary.command('SET', 'w', 'theirs')
        expect(await multiOf(client).add('n', 1).exec()).toBeNull()
      }
    ],
    [
      'EXEC was refused',
      async (client) => {
        const refused = multiOf(client).add('n', 1) as unknown as ChainableCommander
        await expect(refused.call('SET', 'n').exec()).rejects.toThrow(/EXECABORT/)
      }
    ],
    [
      'it was discarded',
      async (client) => {
        await client.multi({ pipeline: false })
        expect(await client.add('n', 1)).toBe('QUEUED')
        expect(await client.discard()).toBe('OK')
      }
    ],
    [
      'SCRIPT FLUSH',
      async (client) => {
        expect(await client.add('m', 1)).toBe(1)
        await quiet.primary.command('SCRIPT', 'FLUSH')
      }
    ]
  ])('%s: the script is known in the next ones, and outside of them', async (_name, unread) => {
    await quiet.primary.command('SCRIPT', 'FLUSH')
    await using client = scripted()
    await unread(client)
    expect(await multiOf(client).add('n', 1).exec()).toEqual([[null, 1]])
    expect(await multiOf(client).add('n', 1).look('n').exec()).toEqual([
      [null, 2],
      [null, '2']
    ])
    expect(await client.add('n', 1)).toBe(3)
  })
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
    await Promise.all(quiet.topology.nodes.map((node) => node.command('SCRIPT', 'FLUSH')))
    await failOver(quiet.topology, client)
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
    await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
    try {
      const result = call(client)
      await eventually(() => {
        expect(client.stats().retried).toBeGreaterThan(0)
      })
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
      expect(await result).toEqual(answer)
    } finally {
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
    }
  })

  test.each<[string, (client: Scripted) => Promise<unknown>, unknown, number]>([
    [
      'in MULTI, where EXEC is executed and each script says for itself that it was refused',
      (client) => multiOf(client).add('n', 1).look('n').add('n', 1).exec(),
      [
        [null, 11],
        [null, '11'],
        [null, 12]
      ],
      12
    ],
    [
      'in MULTI that is built command by command',
      async (client) => {
        await client.multi({ pipeline: false })
        await client.eval(ADD, 1, 'n', 1)
        return client.exec()
      },
      [[null, 11]],
      11
    ],
    [
      'in MULTI on watched keys: aborted, as when one of them has changed',
      async (client) => {
        const watched = client.watch('n')
        const result = multiOf(client).add('n', 1).exec()
        await watched
        return result
      },
      null,
      10
    ]
  ])('%s', async (_name, call, answer, counted) => {
    await using client = scripted()
    await client.add('n', 10)
    await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
    try {
      const result = call(client)
      await holds(client, 'connection')
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
      expect(await result).toEqual(answer)
      expect(Number(await quiet.primary.command('GET', 'n'))).toBe(counted)
    } finally {
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
    }
  })
})

describe('refused by a primary without enough replicas: executed once when it has them', () => {
  test.each<[string, (client: Scripted) => Promise<unknown>, unknown]>([
    ['directly', (client) => client.add('n', 1), 1],
    [
      'in MULTI',
      (client) => multiOf(client).add('n', 1).add('n', 1).exec(),
      [
        [null, 1],
        [null, 2]
      ]
    ]
  ])('%s', async (_name, call, answer) => {
    await using client = scripted()
    await client.ping()
    await quiet.primary.command('CONFIG', 'SET', 'min-replicas-to-write', '9')
    try {
      const result = call(client)
      await eventually(() => {
        expect(client.stats().retried).toBeGreaterThan(0)
      })
      await quiet.primary.command('CONFIG', 'SET', 'min-replicas-to-write', '0')
      expect(await result).toEqual(answer)
    } finally {
      await quiet.primary.command('CONFIG', 'SET', 'min-replicas-to-write', '0')
    }
  })
})

describe('refused by a primary that loads its data, which has not seen the script: in order, when it is there', () => {
  test.each<[string, (client: Scripted) => Promise<unknown>, unknown]>([
    [
      'in a pipeline',
      (client) => pipelineOf(client).get('n').add('n', 1).get('n').add('n', 1).get('n').exec(),
      [
        [null, '10'],
        [null, 11],
        [null, '11'],
        [null, 12],
        [null, '12']
      ]
    ],
    [
      'in MULTI',
      (client) => multiOf(client).add('n', 1).look('n').exec(),
      [
        [null, 11],
        [null, '11']
      ]
    ]
  ])('%s', async (_name, call, answer) => {
    await quiet.primary.command('SET', 'n', '10')
    await quiet.primary.command('DEBUG', 'POPULATE', '3000', 'key', '100')
    await quiet.primary.command('SCRIPT', 'FLUSH')
    await quiet.primary.command('CONFIG', 'SET', 'key-load-delay', '5000')
    await quiet.primary.command('CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024')
    await using client = scripted({ readFrom: 'primary' })
    await client.ping()
    const reloaded = outcome(quiet.primary.command('DEBUG', 'RELOAD'))
    try {
      let refused: unknown
      do refused = await outcome(quiet.primary.command('GET', 'n'))
      while (!String(refused).includes('LOADING'))
      const result = call(client)
      await eventually(() => {
        expect(client.stats().retried).toBeGreaterThan(0)
      })
      await quiet.primary.command('CONFIG', 'SET', 'key-load-delay', '0')
      expect(await result).toEqual(answer)
    } finally {
      await quiet.primary.command('CONFIG', 'SET', 'key-load-delay', '0')
      await reloaded
    }
  })
})
