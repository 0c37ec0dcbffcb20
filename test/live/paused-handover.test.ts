import type { SentinelRedis } from 'ioredis-sentinel'
import { UnknownOutcomeError } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { holds } from './support/client-view.js'
import { beginFailover, clientOf, settleSoon, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

// A handover as a hook of Kubernetes manifests does it: the primary is paused, so that it acknowledges nothing that would be lost, and
// becomes a replica when another has been promoted. What was on its way to it waits there, and is refused then.

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 10_000 })
})
afterAll(() => topology.stop())
beforeEach(() => settleSoon(topology))

interface Outcomes {
  acknowledged: number
  unknown: number
  readonly others: string[]
}

/** Makes calls all the time, whatever becomes of those before. */
class Traffic {
  readonly #outcomes: Outcomes = { acknowledged: 0, unknown: 0, others: [] }
  readonly #calls: Promise<void>[] = []
  readonly #made: Promise<void>
  #open = true

  constructor(call: () => Promise<unknown>) {
    this.#made = this.#make(call)
    onTestFinished(() => void (this.#open = false))
  }

  async #make(call: () => Promise<unknown>): Promise<void> {
    for (; this.#open; await sleep(1)) {
      const ended = call().then(
        () => void (this.#outcomes.acknowledged += 1),
        (error: unknown) => {
          if (error instanceof UnknownOutcomeError) this.#outcomes.unknown += 1
          else this.#outcomes.others.push(String(error))
        }
      )
      this.#calls.push(ended)
    }
  }

  async flows(): Promise<void> {
    const until = this.#outcomes.acknowledged + 50
    await eventually(() => {
      expect(this.#outcomes.acknowledged).toBeGreaterThanOrEqual(until)
    }, 20_000)
  }

  async end(): Promise<Outcomes> {
    this.#open = false
    await this.#made
    await Promise.all(this.#calls)
    return this.#outcomes
  }
}

/** Resolves when calls of this client wait at the paused primary, and the replicas have all that it executed. */
async function paused(old: LocalNode, client: SentinelRedis, key: string): Promise<void> {
  await old.command('CLIENT', 'PAUSE', 20_000, 'WRITE')
  await holds(client, 'silence')
  const value = await old.command('GET', key)
  const replicas = await topology.replicas()
  await eventually(async () => {
    for (const replica of replicas) expect(await replica.command('GET', key)).toBe(value)
  })
}

/** Resolves with the promoted node when this client has moved to it as well. */
async function failedOver(old: LocalNode, client: SentinelRedis): Promise<LocalNode> {
  const moved = new Promise<void>((resolve) => client.once('primary-changed', () => resolve()))
  await beginFailover(topology)
  await moved
  const { address } = client.topology.primary ?? {}
  const promoted = topology.nodes.find(({ address: { host } }) => host === address?.host)
  if (promoted === undefined || promoted === old) throw new Error('the client has not moved')
  return promoted
}

async function unpaused(old: LocalNode): Promise<void> {
  await eventually(() => old.command('CLIENT', 'UNPAUSE'))
}

/** As a hook does: the old primary becomes a replica, and goes on, as soon as another node says that it is the primary. */
async function repointWhenPromoted(old: LocalNode): Promise<void> {
  const others = topology.nodes.filter((node) => node !== old)
  for (;;) {
    const roles = await Promise.all(others.map((node) => node.role().catch(() => undefined)))
    const promoted = others.find((_, index) => roles[index]?.role === 'primary')
    if (promoted === undefined) continue
    const { host, port } = promoted.address
    // A sentinel that gets there first closes the connections of the old primary.
    await eventually(() => Promise.all([old.command('REPLICAOF', host, port), old.command('CLIENT', 'UNPAUSE')]))
    return
  }
}

test('what waits in the pause is refused there, and executed once by the new primary', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  const traffic = new Traffic(() => client.incr('counted'))
  await traffic.flows()
  const old = await topology.primary()
  await paused(old, client, 'counted')
  const { inFlight } = client.stats()
  const repointed = repointWhenPromoted(old)
  const promoted = await failedOver(old, client)
  await repointed
  await traffic.flows()
  const { acknowledged, unknown, others } = await traffic.end()
  expect([unknown, others]).toEqual([0, []])
  expect(inFlight).toBeGreaterThan(1)
  expect(Number(await promoted.command('GET', 'counted'))).toBe(acknowledged)
})

test('what the old primary executes when its pause ends first is of unknown outcome: nobody keeps it', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  const traffic = new Traffic(() => client.incr('in vain'))
  const transactions = new Traffic(() => client.multi().incr('in vain').incr('in vain').exec())
  await traffic.flows()
  const old = await topology.primary()
  await paused(old, client, 'in vain')
  const promoted = await failedOver(old, client)
  await unpaused(old)
  await traffic.flows()
  const [single, double] = await Promise.all([traffic.end(), transactions.end()])
  expect([single.others, double.others]).toEqual([[], []])
  expect(single.unknown).toBeGreaterThan(0)
  expect(Number(await promoted.command('GET', 'in vain'))).toBe(single.acknowledged + 2 * double.acknowledged)
})

test('what may be executed twice is sent again, to the new primary', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  const written = new Set<string>()
  let next = 0
  const traffic = new Traffic(async () => {
    const key = `again:${next++}`
    await client.set(key, 'v')
    written.add(key)
  })
  await traffic.flows()
  const old = await topology.primary()
  await client.set('last', '1')
  await paused(old, client, 'last')
  const promoted = await failedOver(old, client)
  await unpaused(old)
  await traffic.flows()
  const { unknown, others } = await traffic.end()
  expect([unknown, others]).toEqual([0, []])
  expect(await promoted.command('EXISTS', ...written)).toBe(written.size)
})

test('a pause that nobody ends does not keep this client', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  const traffic = new Traffic(() => client.incr('kept'))
  await traffic.flows()
  const old = await topology.primary()
  await paused(old, client, 'kept')
  await failedOver(old, client)
  await traffic.flows()
  const { unknown, others } = await traffic.end()
  expect(others).toEqual([])
  expect(unknown).toBeGreaterThan(0)
  await unpaused(old)
})
