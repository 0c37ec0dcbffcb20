import type { CallOptions, SentinelRedis } from 'ioredis-sentinel'
import { AbortedError, DeadlineError } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, executed, killConnections, replicated, resetStatistics } from './support/server-view.js'

const NAME = 'subscriber'

const quiet = useQuietTopology({ replicas: 1 })

beforeEach(() => replicated(quiet.primary, quiet.replicas))

const publish = (channel: string, message: string): Promise<unknown> =>
  quiet.primary.command('PUBLISH', channel, message)

/** What happens on a connection to the replica that is subscribed to `kept`, while the replica stands still and after it goes on. */
async function whileFrozen(
  protocol: 2 | 3,
  still: (client: SentinelRedis) => Promise<void>,
  after: (client: SentinelRedis, replica: LocalNode, heard: readonly string[]) => Promise<void>
): Promise<void> {
  await using client = clientOf(quiet.topology, {
    subscribeTo: 'replica',
    readFrom: 'primary',
    connectionName: NAME,
    protocol
  })
  const heard: string[] = []
  client.on('message', (channel, message) => heard.push(`${channel} ${message}`))
  await client.subscribe('kept')
  const [replica] = quiet.replicas
  if (replica === undefined) throw new Error('there is no replica')
  await resetStatistics([replica])
  await replica.freeze()
  try {
    await still(client)
  } finally {
    await replica.thaw()
  }
  await eventually(async () => {
    expect(await executed(replica, 'subscribe')).toBeGreaterThan(0)
  })
  await after(client, replica, heard)
}

async function subscribers(node: LocalNode, channel: string): Promise<unknown> {
  return ((await node.command('PUBSUB', 'NUMSUB', channel)) as unknown[])[1]
}

describe.each<[string, 2 | 3, (abort: AbortController) => CallOptions, new (...args: never[]) => Error]>([
  ['its signal', 2, ({ signal }) => ({ signal }), AbortedError],
  ['its signal', 3, ({ signal }) => ({ signal }), AbortedError],
  ['its deadline', 3, () => ({ deadlineMs: 100 }), DeadlineError]
])('SUBSCRIBE that a node has been sent is given up by %s, RESP%i', (_by, protocol, options, kind) => {
  test('it may be executed, and nothing comes of it', async () => {
    await whileFrozen(
      protocol,
      async (client) => {
        const abort = new AbortController()
        const given = outcome(client.with(options(abort)).subscribe('given up', 'kept'))
        abort.abort()
        const error = await given
        expect(error).toBeInstanceOf(kind)
        expect(error).toMatchObject({ stage: 'in-flight' })
      },
      async (client, replica, heard) => {
        for (const [channel, message] of [
          ['given up', '1'],
          ['kept', '2']
        ] as const)
          await publish(channel, message)
        await eventually(async () => {
          expect(heard).toEqual(['kept 2'])
          expect(await subscribers(replica, 'given up')).toBe(0)
        })
        expect(await killConnections(replica, NAME)).toBe(1)
        await eventually(async () => {
          expect(await subscribers(replica, 'kept')).toBe(1)
        })
        expect(await subscribers(replica, 'given up')).toBe(0)
        expect(await client.subscribe('given up')).toBe(2)
        await publish('given up', '3')
        await eventually(() => {
          expect(heard).toEqual(['kept 2', 'given up 3'])
        })
      }
    )
  })

  test('another call that asks for the same is not undone with it', async () => {
    let other: Promise<unknown> | undefined
    await whileFrozen(
      protocol,
      async (client) => {
        const abort = new AbortController()
        const given = outcome(client.with(options(abort)).subscribe('both'))
        other = client.subscribe('both')
        abort.abort()
        expect(await given).toBeInstanceOf(kind)
      },
      async (_client, _replica, heard) => {
        expect(await other).toBe(2)
        await publish('both', '1')
        await eventually(() => {
          expect(heard).toEqual(['both 1'])
        })
      }
    )
  })
})

test('what comes behind the answer to one that was given up, before it can be undone, is not told', async () => {
  const [replica] = quiet.replicas
  if (replica === undefined) throw new Error('there is no replica')
  await using proxy = await ByteProxy.to(replica.address)
  await using client = clientOf(quiet.topology, {
    addressMap: (_address, kind) => (kind === 'replica' ? proxy.address : undefined),
    subscribeTo: 'replica',
    readFrom: 'primary',
    suspectAfterMs: 60_000
  })
  const heard: string[] = []
  client.on('message', (channel, message) => heard.push(`${channel} ${message}`))
  await client.subscribe('kept')
  const held = proxy.arm('stall', 'replies', 0)
  const abort = new AbortController()
  const given = outcome(client.with({ signal: abort.signal }).subscribe('given up'))
  await held
  await eventually(async () => {
    expect(await subscribers(replica, 'given up')).toBe(1)
  })
  for (const channel of ['given up', 'kept']) await replica.command('PUBLISH', channel, '1')
  abort.abort()
  expect(await given).toMatchObject({ code: 'ABORTED', stage: 'in-flight' })
  proxy.release()
  await eventually(async () => {
    expect(heard).toEqual(['kept 1'])
    expect(await subscribers(replica, 'given up')).toBe(0)
  })
})

test('UNSUBSCRIBE that a node has been sent, and that is given up, is done all the same', async () => {
  await whileFrozen(
    3,
    async (client) => {
      const abort = new AbortController()
      void client.subscribe('more')
      const given = outcome(client.with({ signal: abort.signal }).unsubscribe('kept'))
      abort.abort()
      expect(await given).toMatchObject({ code: 'ABORTED', stage: 'in-flight' })
    },
    async (_client, replica, heard) => {
      await eventually(async () => {
        expect(await subscribers(replica, 'kept')).toBe(0)
      })
      await publish('kept', '1')
      await publish('more', '2')
      await eventually(() => {
        expect(heard).toEqual(['more 2'])
      })
    }
  )
})

test('one that waits for a node is not sent, and says so', async () => {
  await using client = clientOf(quiet.topology, { subscribeTo: 'replica', readFrom: 'primary' })
  const abort = new AbortController()
  const given = outcome(client.with({ signal: abort.signal }).subscribe('never'))
  abort.abort()
  expect(await given).toMatchObject({ code: 'ABORTED', stage: 'queued' })
})
