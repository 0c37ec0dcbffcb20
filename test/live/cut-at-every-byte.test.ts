import { DeadlineError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Direction } from './support/byte-proxy.js'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'

const DEADLINE_MS = 100
/** The deadlines are looked at every 50 ms, on a machine that may be busy. */
const LATE_MS = 3_000
const VALUES = { a: 'one', b: 'another' } as const
/** So many clients share the bytes of one shape, fault and direction, each taking every so manieth. */
const STRIDE = 4
const CLIENTS_AT_ONCE = 32

/** One call and what its promise has to come to. */
type Call = { readonly reply: Promise<unknown> } & (
  | { readonly does: 'read'; readonly key: keyof typeof VALUES }
  | { readonly does: 'append'; readonly id: string }
  | { readonly does: 'count' }
)

interface Keys {
  readonly list: string
  readonly counter: string
}

interface Shape {
  readonly autoPipelining?: true
  readonly atOnce: (redis: SentinelRedis, keys: Keys, id: string) => readonly Call[]
}

const inPipeline = (replies: Promise<readonly (readonly [Error | null, unknown])[] | null>, index: number) =>
  replies.then((all) => {
    const [error, value] = all?.[index] ?? [new Error('the pipeline has no such reply'), undefined]
    if (error !== null) throw error
    return value
  })

const mixed = (reply: (index: number) => Promise<unknown>, id: string): readonly Call[] => [
  { does: 'read', key: 'a', reply: reply(0) },
  { does: 'append', id, reply: reply(1) },
  { does: 'count', reply: reply(2) },
  { does: 'read', key: 'b', reply: reply(3) }
]

const SHAPES: Readonly<Record<string, Shape>> = {
  GET: { atOnce: (redis) => [{ does: 'read', key: 'a', reply: redis.get('a') }] },
  RPUSH: { atOnce: (redis, { list }, id) => [{ does: 'append', id, reply: redis.rpush(list, id) }] },
  'a pipeline': {
    atOnce: (redis, { list, counter }, id) => {
      const replies = redis.pipeline().get('a').rpush(list, id).incr(counter).get('b').exec()
      return mixed((index) => inPipeline(replies, index), id)
    }
  },
  MULTI: {
    atOnce: (redis, { list, counter }, id) => {
      const replies = redis.multi().get('a').rpush(list, id).incr(counter).get('b').exec()
      return mixed((index) => inPipeline(replies, index), id)
    }
  },
  'an automatic pipeline': {
    autoPipelining: true,
    atOnce: (redis, { list, counter }, id) => {
      const replies = [redis.get('a'), redis.rpush(list, id), redis.incr(counter), redis.get('b')]
      return mixed((index) => replies[index] ?? Promise.reject(new Error('no such call')), id)
    }
  }
}

/** `brief`: a stall that is over before anybody's deadline. `late`: one that ends when all calls have been given up. */
const FAULTS = ['cut', 'brief stall', 'late stall', 'swallow'] as const
type Fault = (typeof FAULTS)[number]

/** What the calls of one client came to. */
class Tally {
  readonly appended: string[] = []
  readonly maybeAppended: string[] = []
  readonly notAppended: string[] = []
  readonly counts: number[] = []
  maybeCounted = 0

  note(call: Call, outcome: PromiseSettledResult<unknown>): void {
    if (outcome.status === 'fulfilled') {
      if (call.does === 'read') expect(outcome.value).toBe(VALUES[call.key])
      else expect(outcome.value).toBeTypeOf('number')
      if (call.does === 'append') this.appended.push(call.id)
      if (call.does === 'count') this.counts.push(outcome.value as number)
      return
    }
    const unknown = outcome.reason instanceof UnknownOutcomeError
    if (!unknown) expect(outcome.reason).toBeInstanceOf(DeadlineError)
    if (call.does === 'append') (unknown ? this.maybeAppended : this.notAppended).push(call.id)
    if (call.does === 'count' && unknown) this.maybeCounted += 1
  }

  /** Holds it against the data: what was acked is there, what was not executed is not, and nothing is there twice. */
  check(list: readonly string[], counter: number): void {
    expect(new Set(list).size, `doubled in ${list.join()}`).toBe(list.length)
    expect(list.filter((id) => !this.maybeAppended.includes(id))).toEqual(this.appended)
    for (const id of this.notAppended) expect(list).not.toContain(id)
    expect(new Set(this.counts).size, `counted twice: ${this.counts.join()}`).toBe(this.counts.length)
    expect(counter).toBeGreaterThanOrEqual(this.counts.length)
    expect(counter).toBeLessThanOrEqual(this.counts.length + this.maybeCounted)
  }
}

const quiet = useQuietTopology({ replicas: 0, sentinels: 1 })

beforeEach(() => quiet.primary.command('MSET', ...Object.entries(VALUES).flat()))

interface Lane {
  readonly fault: Fault
  readonly direction: Direction
  readonly first: number
}

/** Meets the fault at every STRIDEth byte of the exchange, from `first` on; resolves with how many there were. */
async function walk(shape: Shape, { fault, direction, first }: Lane, number: number, length: number): Promise<number> {
  const { primary, topology } = quiet
  await using proxy = await ByteProxy.to(primary.address)
  await using redis = clientOf(topology, {
    addressMap: proxy.asPrimary,
    readFrom: 'primary',
    enableAutoPipelining: shape.autoPipelining ?? false,
    ...(fault === 'brief stall' ? { suspectAfterMs: 20 } : {})
  })
  const patient = redis.with({ deadlineMs: 20_000 })
  const hasTime = fault === 'cut' || fault === 'brief stall'
  const keys = { list: `l${String(number).padStart(2, '0')}`, counter: `n${String(number).padStart(2, '0')}` }
  const tally = new Tally()

  /** False where the machine was too busy for the deadline: the calls ended before they came to that byte. */
  const meets = async (id: string, bytes: number, deadlineMs: number): Promise<boolean> => {
    const met = proxy.arm(fault === 'cut' || fault === 'swallow' ? fault : 'stall', direction, bytes)
    const began = performance.now()
    const calls = shape.atOnce(hasTime ? patient : redis.with({ deadlineMs }), keys, id)
    const settled = Promise.allSettled(calls.map(({ reply }) => reply))
    if (fault === 'brief stall') {
      await Promise.race([met, settled])
      if (!proxy.armed) await whileSilent(redis, patient, proxy, settled)
    }
    const outcomes = await settled
    if (!hasTime) expect(performance.now() - began).toBeLessThan(deadlineMs + LATE_MS)
    for (const [index, outcome] of outcomes.entries()) {
      if (fault === 'brief stall') expect(outcome.status).toBe('fulfilled')
      const call = calls[index]
      if (call !== undefined) tally.note(call, outcome)
    }
    const came = !proxy.armed
    proxy.disarm()
    return came
  }

  let times = 0
  for (let bytes = first; bytes < length; bytes += STRIDE) {
    await patient.ping()
    let deadlineMs = DEADLINE_MS
    while (!(await meets(idOf(bytes, deadlineMs / DEADLINE_MS), bytes, deadlineMs))) {
      expect(deadlineMs).toBeLessThan(20 * DEADLINE_MS)
      deadlineMs *= 2
      await patient.ping()
    }
    times += 1
    if (fault === 'late stall') proxy.release()
    if (fault === 'swallow') proxy.cutAll()
    expect(await Promise.all([patient.get('b'), patient.get('a')])).toEqual([VALUES.b, VALUES.a])
  }
  const list = (await primary.command('LRANGE', keys.list, 0, -1)) as string[]
  tally.check(list, Number(await primary.command('GET', keys.counter)))
  return times
}

const idOf = (bytes: number, attempt: number): string =>
  `${String(bytes).padStart(3, '0')}.${String(attempt).padStart(3, '0')}`

/** How many bytes the shape takes each way when nothing happens to it. */
async function lengthOf(shape: Shape): Promise<Readonly<Record<Direction, number>>> {
  await using proxy = await ByteProxy.to(quiet.primary.address)
  await using redis = clientOf(quiet.topology, {
    addressMap: proxy.asPrimary,
    readFrom: 'primary',
    enableAutoPipelining: shape.autoPipelining ?? false,
    suspectAfterMs: 10_000
  })
  await redis.ping()
  const { requests, replies } = proxy.passed
  for (const { reply } of shape.atOnce(redis, { list: 'l00', counter: 'n00' }, idOf(0, 0))) await reply
  return { requests: proxy.passed.requests - requests, replies: proxy.passed.replies - replies }
}

/** The client notices that nothing comes, and lets another call wait for it; then it comes. */
async function whileSilent(
  redis: SentinelRedis,
  patient: SentinelRedis,
  proxy: ByteProxy,
  settled: Promise<unknown>
): Promise<void> {
  let over = false
  void settled.then(() => (over = true))
  await vi.waitFor(
    () => {
      // A reply is complete for ioredis without its very last byte.
      expect(over || redis.stats().holdReasons.includes('silence')).toBe(true)
    },
    { interval: 2, timeout: 30_000 }
  )
  const behind = patient.get('b')
  // An automatic pipeline is only begun when the one before it is over.
  if (!over && redis.options.enableAutoPipelining !== true) expect(redis.stats().held).toBeGreaterThan(0)
  proxy.release()
  expect(await behind).toBe(VALUES.b)
}

describe.each(Object.entries(SHAPES))('%s', (_name, shape) => {
  test('is cut, stalled and swallowed at every byte: all settle in time, each with its own reply, and nothing is executed twice', async () => {
    const lanes = FAULTS.flatMap((fault) =>
      (['requests', 'replies'] as const).flatMap((direction) =>
        Array.from({ length: STRIDE }, (_, first) => ({ fault, direction, first }))
      )
    )
    const length = await lengthOf(shape)
    await quiet.primary.command('DEL', 'l00', 'n00')
    const met = new Map<string, number>()
    const next = lanes.entries()
    const workers = Array.from({ length: CLIENTS_AT_ONCE }, async () => {
      for (const [number, lane] of next) {
        const way = `${lane.fault} ${lane.direction}`
        const times = await walk(shape, lane, number, length[lane.direction])
        met.set(way, (met.get(way) ?? 0) + times)
      }
    })
    for (const outcome of await Promise.allSettled(workers)) if (outcome.status === 'rejected') throw outcome.reason
    for (const fault of FAULTS) {
      for (const direction of ['requests', 'replies'] as const) {
        const way = `${fault} ${direction}`
        expect(met.get(way), way).toBe(length[direction])
      }
    }
  }, 180_000)
})
