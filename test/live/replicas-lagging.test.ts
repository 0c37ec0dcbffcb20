import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { ReadProbe } from 'ioredis-sentinel/testkit'
import { pino } from 'pino'
import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress } from '../../src/protocol/address.js'
import { usable } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { needsPartitions } from './support/partitions.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { ReplicaEvents } from './support/replica-events.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

/** More than a busy machine is behind; the lag of the tests is made by a partition. */
const MAX_LAG_MS = 3_000

// No sentinel notices anything: only the age of the data can tell.
const quiet = useQuietTopology()

let held: LocalNode
let fresh: LocalNode

beforeEach(async () => {
  await quiet.primary.command('SET', 'number', '0')
  await replicated(quiet.primary, quiet.replicas)
  const [first, second] = quiet.replicas
  if (first === undefined || second === undefined) throw new Error('there are not two replicas')
  ;[held, fresh] = [first, second]
})

/** Counts up on the primary, past all clients; knows when each number had been written. */
class Counting {
  readonly #writtenAt: number[] = [performance.now()]
  #going = true
  readonly #done: Promise<void>

  constructor(primary: LocalNode) {
    this.#done = (async () => {
      while (this.#going) {
        await primary.command('SET', 'number', String(this.#writtenAt.length))
        this.#writtenAt.push(performance.now())
      }
    })()
    this.#done.catch(() => undefined)
  }

  get written(): number {
    return this.#writtenAt.length
  }

  /** For how long, when this was read, a newer number had been there; 0 for the newest. */
  staleMs(number: string | null, readAt: number): number {
    const replaced = this.#writtenAt[Number(number) + 1]
    return replaced === undefined ? 0 : Math.max(0, readAt - replaced)
  }

  async stop(): Promise<void> {
    this.#going = false
    await this.#done.catch(() => undefined)
  }
}

/** Reads the number all the time; keeps the stalest that it was given. */
function readNumbers(client: SentinelRedis, counting: Counting): { readonly probe: ReadProbe; stalestMs(): number } {
  let stalest = 0
  const probe = new ReadProbe({
    read: async () => {
      const readAt = performance.now()
      const number = await client.get('number')
      stalest = Math.max(stalest, counting.staleMs(number, readAt))
    }
  })
  return { probe, stalestMs: () => stalest }
}

test('no read is older than maxLagMs; the replica is told to be out, and is read from again', async (context) => {
  await needsPartitions(context)
  // Silence is another reason to leave a replica.
  await using client = clientOf(quiet.topology, { maxLagMs: MAX_LAG_MS, suspectAfterMs: 60_000 })
  await using careless = clientOf(quiet.topology)
  await Promise.all([usable(client, 2), usable(careless, 2)])
  const events = new ReplicaEvents(client)
  const counting = new Counting(quiet.primary)
  const careful = readNumbers(client, counting)
  const without = readNumbers(careless, counting)
  const heal = await held.partition('peers')
  try {
    expect(await events.out(held)).toMatchObject({ reason: 'lag' })
    await eventually(() => {
      expect(without.stalestMs()).toBeGreaterThan(2 * MAX_LAG_MS)
    }, 20_000)
    expect(lagMsOf(client, held)).toBeGreaterThan(MAX_LAG_MS)
    expect(lagMsOf(client, fresh)).toBeLessThanOrEqual(MAX_LAG_MS)
  } finally {
    await reconnects(heal)
  }
  await resetStatistics([held])
  expect(await events.back(held)).toMatchObject({ reason: 'lag' })
  await without.probe.stop()
  const before = await executed(held, 'get')
  await eventually(async () => {
    expect(await executed(held, 'get')).toBeGreaterThan(before)
  }, 20_000)
  await careful.probe.stop()
  await counting.stop()
  expect(careful.probe.report()).toMatchObject({ failed: 0, hung: 0 })
  expect(careful.stalestMs()).toBeLessThanOrEqual(MAX_LAG_MS)
})

const isOf =
  ({ address }: LocalNode) =>
  (one: { readonly address: string }): boolean =>
    one.address === formatAddress(address)

/** What was not answered for long is sent again only after as long once more: a new connection is sooner there. */
async function reconnects(heal: () => Promise<void>): Promise<void> {
  await heal()
  await held.command('CLIENT', 'KILL', 'TYPE', 'master')
}

/** How old the client believes the data of a replica to be. */
function lagMsOf(client: SentinelRedis, node: LocalNode): number | undefined {
  return client.stats().replicas.find(isOf(node))?.lagMs
}

describe('with the primary dead', () => {
  test('replicas that were within the limit answer for as long as it takes, and one that was not does not', async (context) => {
    await needsPartitions(context)
    await using client = clientOf(quiet.topology, { maxLagMs: MAX_LAG_MS, readFrom: 'replica' })
    await usable(client, 2)
    const events = new ReplicaEvents(client)
    const counting = new Counting(quiet.primary)
    const probe = new ReadProbe({ read: () => client.get('number') })
    const heal = await held.partition('peers')
    try {
      await events.out(held)
      // Its age counts as of the primary's last answer from then on, which is a little less.
      await eventually(() => {
        expect(lagMsOf(client, held)).toBeGreaterThan(1.5 * MAX_LAG_MS)
      }, 20_000)
      // One that is outside the limit when the primary dies stays outside.
      await eventually(() => {
        expect(client.stats().replicas.find(isOf(fresh))?.usable).toBe(true)
      })
      await quiet.primary.kill()
      await counting.stop()
      await resetStatistics([held, fresh])
      const killedAt = performance.now()
      await eventually(() => {
        expect(performance.now() - killedAt).toBeGreaterThan(2 * MAX_LAG_MS)
      }, 20_000)
      expect(await client.get('number')).toBe(await fresh.command('GET', 'number'))
      expect(await executed(held, 'get')).toBe(0)
      expect(await executed(fresh, 'get')).toBeGreaterThan(100)
      // A busy machine may be silent for a moment, which is another reason.
      const behind = events.outs.filter(({ reason }) => reason === 'lag')
      expect(behind.map(({ address }) => address.host)).toEqual([held.address.host])
    } finally {
      await quiet.primary.start()
      await reconnects(heal)
    }
    await probe.stop()
    expect(probe.report()).toMatchObject({ failed: 0, hung: 0 })
    await usable(client, 2)
  })
})

test('a read that only a replica may answer waits until one is known to be fit', async () => {
  await using client = clientOf(quiet.topology, { maxLagMs: MAX_LAG_MS, readFrom: 'replica' })
  expect(await client.get('number')).toBe('0')
  expect(client.stats().readsOnReplicas).toBeGreaterThan(0)
})

test('a user without the right to INFO reads from the primary, and the log says why, once', async () => {
  for (const node of quiet.topology.nodes)
    await node.command('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-info')
  const warnings: unknown[] = []
  const logger = pino(
    { level: 'warn' },
    {
      write: (line: string) => {
        warnings.push(JSON.parse(line))
      }
    }
  )
  const credentials = { username: 'plain', password: 'secret' }
  await using client = clientOf(quiet.topology, { ...credentials, maxLagMs: MAX_LAG_MS, logger })
  await using strict = clientOf(quiet.topology, { ...credentials, maxLagMs: MAX_LAG_MS, readFrom: 'replica' })
  await resetStatistics(quiet.topology.nodes)
  await eventually(async () => {
    expect(await client.get('number')).toBe('0')
    expect(warnings).toEqual([expect.objectContaining({ maxLagMs: MAX_LAG_MS })])
  })
  expect(await outcome(strict.with({ deadlineMs: 300 }).get('number'))).toMatchObject({ code: 'NO_REPLICA' })
  for (const replica of quiet.replicas) expect(await executed(replica, 'get')).toBe(0)
  expect(warnings).toHaveLength(1)
})
