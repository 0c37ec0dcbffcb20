import type { FailoverTimeline, SentinelRedisOptions } from 'ioredis-sentinel'
import { FailoverFailedError, SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalSentinel, LocalTopology } from 'ioredis-sentinel/testkit'
import type { FakeReply, FakeSentinel } from 'ioredis-sentinel/testkit'
import { Ledger, startFakeSentinel, startTopology } from 'ioredis-sentinel/testkit'
import { Redis } from 'ioredis'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Child } from './child.js'
import { flows } from './support/acknowledged.js'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, outcome, settleSoon, startQuickTopology } from './support/clients.js'
import { collectGarbage } from './support/heap.js'
import { patiently } from './support/patience.js'
import { executed } from './support/server-view.js'

/** A writer of unique ids to a list of its own, which is held against what the primary has in the end. */
class Writer {
  readonly #key: string
  readonly #ledger: Ledger

  constructor(key: string, client: Redis) {
    this.#key = key
    client.on('error', () => undefined)
    this.#ledger = new Ledger({ write: (id) => client.rpush(key, id), prefix: key })
    onTestFinished(async () => {
      client.disconnect()
      await this.#ledger.stop()
    })
  }

  flows(more: number): Promise<void> {
    return flows(more, this.#ledger)
  }

  async compared(topology: LocalTopology): Promise<ReturnType<Ledger['compare']>> {
    await this.#ledger.stop()
    const primary = await topology.primary()
    return this.#ledger.compare((await primary.command('LRANGE', this.#key, 0, -1)) as string[])
  }
}

const STEPS = ['paused', 'caught up', 'asked', 'promoted', 'repointed', 'announced', 'let go']

function handoverSteps({ entries }: FailoverTimeline): string[] {
  return entries.flatMap(({ what }) => /^handover: (.*)/.exec(what)?.[1] ?? []).filter((what) => STEPS.includes(what))
}

/** How often CLIENT PAUSE was executed, rather than refused for its arguments. */
async function pausesOf(node: LocalNode): Promise<number> {
  const text = String(await node.command('INFO', 'commandstats'))
  const [, calls = '0', failed = '0'] = /cmdstat_client\|pause:calls=(\d+),.*failed_calls=(\d+)/.exec(text) ?? []
  return Number(calls) - Number(failed)
}

async function connectionsOf(node: LocalNode): Promise<number> {
  return String(await node.command('CLIENT', 'LIST'))
    .trim()
    .split('\n').length
}

async function epochs(topology: LocalTopology): Promise<number[]> {
  const reports = await Promise.all(topology.sentinels.map((sentinel) => sentinel.report(topology.name)))
  return reports.map((report) => report?.configEpoch ?? -1)
}

describe('a planned failover', () => {
  let topology: LocalTopology
  beforeAll(async () => {
    topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 2_000 })
  })
  afterAll(() => topology.stop())

  const infoPeriod = async (ms: string): Promise<void> => {
    await Promise.all(topology.sentinels.map((sentinel) => sentinel.command('SENTINEL', 'DEBUG', 'info-period', ms)))
  }

  test.each([
    ['at the moment when sentinels notice soonest', undefined],
    ['at once', 0],
    ['at once, again', 0]
  ])(
    '%s: not one acknowledged write is lost, of clients that know of it and of those that do not',
    async (_, patienceMs) => {
      await topology.settled()
      if (patienceMs === undefined) {
        // The moment comes once in this time, and else once in 10 s.
        await infoPeriod('2000')
        onTestFinished(() => infoPeriod('10000'))
      }
      const before = await topology.primary()
      const client = clientOf(topology)
      // Another set of options has a watch of its own, as in another process.
      const stranger = clientOf(topology, { pollIntervalMs: 1_900 })
      const plain = new Redis({ name: topology.name, sentinels: topology.sentinelAddresses })
      const direct = new Redis(before.address)
      await Promise.all([client, stranger, plain, direct].map((one) => one.ping()))
      const key = (who: string): string => `${who}-${String(before)}-${patienceMs ?? 'patient'}`
      const writers = {
        own: new Writer(key('own'), client),
        stranger: new Writer(key('stranger'), stranger),
        plain: new Writer(key('plain'), plain),
        direct: new Writer(key('direct'), direct)
      }
      await Promise.all(Object.values(writers).map((writer) => writer.flows(50)))
      const reports: FailoverTimeline[] = []
      client.on('failover', (timeline) => reports.push(timeline))

      const timeline = await client.failover(patienceMs === undefined ? {} : { patienceMs })

      const after = await topology.primary()
      expect(after).not.toBe(before)
      expect(timeline).toMatchObject({ outcome: 'moved', from: before.address, to: after.address, unknown: 0 })
      expect(handoverSteps(timeline)).toEqual(STEPS)
      expect(timeline.held).toBeGreaterThan(0)
      expect(reports).toHaveLength(1)
      expect(reports[0]).toMatchObject({ to: after.address, startedAt: timeline.startedAt })
      expect(String(await before.command('INFO', 'replication'))).toMatch(
        new RegExp(`master_host:${after.address.host}\\r\\nmaster_port:${after.address.port}\\r\\n`)
      )
      // A writer is refused at once: it is no longer paused.
      await expect(before.command('SET', 'x', 'y')).rejects.toThrow(/READONLY/)
      await Promise.all([writers.own.flows(50), writers.stranger.flows(50), writers.plain.flows(50)])
      await topology.settled()

      const {
        own,
        stranger: other,
        plain: ignorant,
        direct: bound
      } = Object.fromEntries(
        await Promise.all(
          Object.entries(writers).map(async ([who, writer]) => [who, await writer.compared(topology)] as const)
        )
      ) as Record<keyof typeof writers, ReturnType<Ledger['compare']>>
      for (const report of [own, other, ignorant, bound])
        expect(report).toMatchObject({ lost: [], doubled: [], reordered: 0, hung: 0, failedButPresent: [] })
      expect(own).toMatchObject({ failed: 0, unknown: 0 })
      expect(ignorant).toMatchObject({ failed: 0, unknown: 0 })
      expect(other.failed).toBe(0)
      // What another client wrote between the pause and the sentinel's word is on the wire when it leaves the old primary.
      expect(other.acked + other.unknown).toBe(other.issued)
      // It goes on at the node that it was given: refused, never acknowledged.
      expect(Object.keys(bound.errors)).toEqual(['READONLY'])
      expect(own.longestGapMs).toBeLessThan(ignorant.longestGapMs + patiently(1_000))
    }
  )

  test('is one at a time, and called off while it waits, by its signal and by close()', async () => {
    await topology.settled()
    const primary = await topology.primary()
    const before = await pausesOf(primary)
    const connections = await connectionsOf(primary)
    const client = clientOf(topology)
    await client.ping()
    const signal = new AbortController()
    const first = outcome(client.failover({ signal: signal.signal }))
    const second = await outcome(client.failover())
    expect(second).toMatchObject({ code: 'FAILOVER', step: 'prepare', primary: 'unchanged' })
    expect(String(second)).toMatch(/under way already in this process/)
    signal.abort(new Error('not today'))
    const called = await first
    expect(called).toBeInstanceOf(FailoverFailedError)
    expect(called).toMatchObject({ step: 'wait', primary: 'unchanged' })
    expect(String(called)).toMatch(/called off \(Error: not today\)/)

    const closing = outcome(client.failover())
    await client.close()
    expect(await closing).toMatchObject({ step: 'wait', primary: 'unchanged' })
    expect(await pausesOf(primary)).toBe(before)
    expect(await topology.primary()).toBe(primary)
    await expect.poll(() => connectionsOf(primary), { timeout: 20_000 }).toBeLessThanOrEqual(connections)
  })

  test('by hand is SENTINEL FAILOVER, and the report of it', async () => {
    await topology.settled()
    const before = await topology.primary()
    await using client = clientOf(topology)
    await client.ping()
    const timeline = await client.failover({ mode: 'manual' })
    expect(timeline).toMatchObject({ outcome: 'moved', from: before.address })
    expect(timeline.entries.map(({ what }) => what)).toContain('+try-failover')
    expect(handoverSteps(timeline)).toEqual([])
    await settleSoon(topology)
    expect(timeline.to).toEqual((await topology.primary()).address)
  })

  test('leaves the command FAILOVER of ioredis as it is', async () => {
    await using client = clientOf(topology)
    await expect(client.failover('ABORT')).rejects.toThrow(/No failover in progress/)
  })
})

test('TLS, passwords and a user with no more than the rights that the error names', async () => {
  await using topology = await startTopology({
    tls: true,
    password: 'node-secret',
    sentinelPassword: 'sentinel-secret'
  })
  const grant = (...rules: string[]): Promise<unknown[]> =>
    Promise.all(topology.nodes.map((node) => node.command('ACL', 'SETUSER', 'ops', ...rules)))
  await grant('on', '>ops-secret', '~*', '&*', '+@all', '-@dangerous', '-client|pause')
  const options: SentinelRedisOptions = {
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    username: 'ops',
    password: 'ops-secret',
    sentinelPassword: 'sentinel-secret',
    tls: { ca: topology.ca },
    sentinelTls: { ca: topology.ca }
  }
  await using client = new SentinelRedis(options)
  await client.set('key', 'before')
  const before = await topology.primary()

  const refused = await outcome(client.failover({ patienceMs: 0 }))
  expect(refused).toMatchObject({ code: 'FAILOVER', step: 'prepare', primary: 'unchanged' })
  expect(String(refused)).toMatch(/NOPERM/)
  const named = [...String(refused).matchAll(/\+[a-z]+(?:\|[a-z]+)?/g)].map(([right]) => right)
  expect(named).toEqual(
    expect.arrayContaining(['+info', '+client|pause', '+client|unpause', '+client|kill', '+replicaof'])
  )

  await grant(...named.filter((right) => right !== '+config|rewrite' && right !== '+sentinel'))
  const timeline = await client.failover({ patienceMs: 0 })
  expect(timeline.to).not.toEqual(before.address)
  expect(timeline.entries.find(({ what }) => what === 'handover: not written down')?.detail).toMatch(/NOPERM/)
  await client.set('key', 'after')
  expect(await client.get('key')).toBe('after')
})

describe('what cannot be finished is undone', () => {
  /** Kept from one test to the next as it was: nothing of this may change it. */
  let topology: LocalTopology
  let primary: LocalNode
  let replica: LocalNode
  beforeAll(async () => {
    topology = await startQuickTopology({ replicas: 1, sentinels: 3, downAfterMs: 30_000 })
    primary = await topology.primary()
    ;[replica] = (await topology.replicas()) as [LocalNode]
  })
  afterAll(() => topology.stop())

  /** One sentinel that says of the group what is so, and to a failover what the test wants. */
  const sentinelThat = (answer: (words: readonly string[]) => FakeReply | undefined): Promise<FakeSentinel> =>
    startFakeSentinel({
      groups: { [topology.name]: { primary: primary.address, replicas: [{ address: replica.address }], quorum: 1 } },
      intercept: (words) => (words[0] === 'SENTINEL' && words[1] === 'FAILOVER' ? answer(words) : undefined)
    })

  const clientThrough = (fake: FakeSentinel): SentinelRedis =>
    new SentinelRedis({ name: topology.name, sentinels: [fake.address] })

  const prioritySeenBy = async (sentinel: LocalSentinel): Promise<string | undefined> => {
    const [fields = []] = (await sentinel.command('SENTINEL', 'REPLICAS', topology.name)) as string[][]
    return fields[fields.indexOf('slave-priority') + 1]
  }

  /** As before: the same primary, no failover begun, and writes go on at it. */
  async function nothingChanged(): Promise<void> {
    expect(await topology.primary()).toBe(primary)
    expect(await epochs(topology)).toEqual([0, 0, 0])
    await expect(primary.command('SET', 'still', 'here')).resolves.toBe('OK')
  }

  test('a replica that answers no more once writes are stopped: they go on where they were', async () => {
    await using proxy = await ByteProxy.to(replica.address)
    const client = clientOf(topology, {
      addressMap: (_address, kind) => (kind === 'replica' ? proxy.address : undefined),
      readFrom: 'primary'
    })
    await client.ping()
    const pauses = await pausesOf(primary)
    const writers = [
      new Writer('undone-own', client),
      new Writer('undone-plain', new Redis({ name: topology.name, sentinels: topology.sentinelAddresses }))
    ]
    await Promise.all(writers.map((writer) => writer.flows(50)))
    const refused = outcome(client.failover({ patienceMs: 0 }))
    // Looked at in each turn of the event loop: the whole of what follows a pause may be over within a millisecond.
    const until = performance.now() + 10_000
    while (!client.stats().holdReasons.includes('handover') && performance.now() < until) await setImmediate()
    void proxy.arm('swallow', 'replies', 0)

    const error = await refused
    expect(error).toBeInstanceOf(FailoverFailedError)
    expect(error).toMatchObject({ code: 'FAILOVER', step: 'catch-up', primary: 'unchanged' })
    const { host, port } = primary.address
    expect(String(error)).toContain(`Writes go on at ${host}:${port}. No sentinel was asked.`)
    expect(String(error)).toContain(`${replica.address.host}:${replica.address.port} `)
    expect(await pausesOf(primary)).toBeGreaterThan(pauses)
    await Promise.all(writers.map((writer) => writer.flows(100)))
    for (const writer of writers) {
      expect(await writer.compared(topology)).toMatchObject({
        ...{ lost: [], doubled: [], reordered: 0, hung: 0, failed: 0, unknown: 0 }
      })
    }
    await nothingChanged()
  })

  test('a client that comes while the writes are stopped waits with the others, and goes on with them', async () => {
    await using proxy = await ByteProxy.to(replica.address)
    const options: Partial<SentinelRedisOptions> = {
      addressMap: (_address, kind) => (kind === 'replica' ? proxy.address : undefined),
      readFrom: 'primary'
    }
    await using client = clientOf(topology, options)
    await using closed = clientOf(topology, options)
    await client.ping()
    let late: SentinelRedis
    let refused: Promise<unknown>
    for (;;) {
      await closed.ping()
      refused = outcome(client.failover({ patienceMs: 0 }))
      const until = performance.now() + 10_000
      while (!client.stats().holdReasons.includes('handover') && performance.now() < until) await setImmediate()
      void proxy.arm('swallow', 'replies', 0)

      await closed.close()
      const comer = clientOf(topology, options)
      onTestFinished(() => comer.close())
      await once(comer, 'ready')
      late = comer
      if (client.stats().holdReasons.includes('handover')) break
      // The replica is given a second, which is over before another client has come where the machine is busy.
      expect(await refused).toMatchObject({ code: 'FAILOVER', step: 'catch-up', primary: 'unchanged' })
      await late.close()
      await closed.connect()
    }
    expect(late.stats().holdReasons).toContain('handover')
    const write = late.set('late', 'x')
    expect(await refused).toMatchObject({ code: 'FAILOVER', step: 'catch-up', primary: 'unchanged' })
    expect(await write).toBe('OK')
    expect(late.stats().holdReasons).toEqual([])
    // Closed while it was held, and nobody has let it go.
    await closed.connect()
    expect(await closed.set('closed', 'x')).toBe('OK')
    await nothingChanged()
  })

  test('a replica that is frozen before that: nothing is stopped at all', async () => {
    await using client = clientOf(topology)
    await client.ping()
    const pauses = await pausesOf(primary)
    await replica.freeze()
    const error = await outcome(client.failover({ patienceMs: 0, timeoutMs: 2_500 }))
    await replica.thaw()
    expect(error).toMatchObject({ code: 'FAILOVER', step: 'wait', primary: 'unchanged' })
    expect(String(error)).toContain(`${replica.address.host}:${replica.address.port}`)
    expect(String(error)).toMatch(/replica-priority 0/)
    expect(await pausesOf(primary)).toBe(pauses)
    await nothingChanged()
  })

  test('no replica that may be promoted: said by whom and why', async () => {
    await using client = clientOf(topology)
    await client.ping()
    const prioritiesAre = (priority: string): Promise<void> =>
      expect
        .poll(() => Promise.all(topology.sentinels.map(prioritySeenBy)), { timeout: 30_000 })
        .toEqual(topology.sentinels.map(() => priority))
    await replica.command('CONFIG', 'SET', 'replica-priority', '0')
    try {
      await prioritiesAre('0')
      const byHand = await outcome(client.failover({ mode: 'manual' }))
      expect(byHand).toMatchObject({ code: 'FAILOVER', step: 'ask', primary: 'unchanged' })
      expect(String(byHand)).toMatch(/NOGOODSLAVE.*replica-priority other than 0/)
      const coordinated = outcome(client.failover({ timeoutMs: 1_500 }))
      // Node 20 forgets timeouts of AbortSignal.any() then: it would wait for ever.
      await collectGarbage()
      const error = await coordinated
      expect(error).toMatchObject({ step: 'wait', primary: 'unchanged' })
      expect(String(error)).toContain(`${replica.address.host}:${replica.address.port} has replica-priority 0`)
    } finally {
      await replica.command('CONFIG', 'SET', 'replica-priority', '100')
      await prioritiesAre('100')
    }
    await nothingChanged()
  })

  test.each([
    ['NOGOODSLAVE No suitable replica to promote', /replica-priority other than 0/],
    ["NOPERM User default has no permissions to run the 'sentinel|failover' command", /needs \+sentinel/]
  ])('the sentinel answers %s', async (reply, remedy) => {
    await using fake = await sentinelThat(() => ({ error: reply }))
    await using client = clientThrough(fake)
    await client.ping()
    const error = await outcome(client.failover({ patienceMs: 0 }))
    expect(error).toMatchObject({ code: 'FAILOVER', step: 'ask', primary: 'unchanged' })
    expect(String(error)).toContain(reply)
    expect(String(error)).toContain(`Writes go on at ${primary.address.host}:${primary.address.port}`)
    expect(String(error)).toMatch(remedy)
    await expect(client.set('own', 'write')).resolves.toBe('OK')
    await nothingChanged()
  })

  test('a sentinel that carries out another one: the pause is left to whoever asked for that, and ends by itself', async () => {
    await using fake = await sentinelThat(() => ({ error: 'INPROG Failover already in progress' }))
    await using client = clientThrough(fake)
    await client.ping()
    await primary.command('CONFIG', 'RESETSTAT')
    const error = await outcome(client.failover({ patienceMs: 0 }))
    expect(error).toMatchObject({ code: 'FAILOVER', step: 'ask', primary: 'unchanged' })
    expect(String(error)).toMatch(
      /INPROG.*is left to the other one, and ends by itself within 5000 ms.*wait for it to end/
    )
    expect(await executed(primary, 'client\\|unpause')).toBe(0)
    await expect(client.set('own', 'write')).resolves.toBe('OK')
    await nothingChanged()
  })

  test('by hand it waits for a sentinel to ask, asks the next one when no replica is fit, and is called off by its signal', async () => {
    await using fake = await sentinelThat(() => ({ error: 'NOGOODSLAVE No suitable replica to promote' }))
    await using client = clientThrough(fake)
    const controller = new AbortController()
    controller.abort(new Error('changed my mind'))
    const calledOff = await outcome(client.failover({ mode: 'manual', signal: controller.signal }))
    expect(calledOff).toMatchObject({ code: 'FAILOVER', step: 'ask', primary: 'unchanged' })
    await using soon = clientThrough(fake)
    expect(String(await outcome(soon.failover({ mode: 'manual' })))).toMatch(/NOGOODSLAVE/)
    expect(fake.received.filter(([, word]) => word === 'FAILOVER')).toHaveLength(1)
    await nothingChanged()
  })

  test('by hand, and the sentinel answers what is not known: the error does not promise that nothing happens', async () => {
    await using fake = await sentinelThat(() => ({ error: 'BUSY something else' }))
    await using client = clientThrough(fake)
    await client.ping()
    const error = await outcome(client.failover({ mode: 'manual' }))
    expect(error).toMatchObject({ code: 'FAILOVER', step: 'ask', primary: 'unknown' })
    expect(String(error)).toMatch(/BUSY something else.*Whether it has begun a failover is not known/)
    await nothingChanged()
  })

  test('a sentinel that begins and gives up: writes go on, and it is said', async () => {
    await using fake = await sentinelThat(() => ({ status: 'OK' }))
    await using client = clientThrough(fake)
    await client.ping()
    const error = await outcome(client.failover({ patienceMs: 0 }))
    expect(error).toMatchObject({ step: 'promote', primary: 'unchanged' })
    expect(String(error)).toMatch(/gave the failover up/)
    await expect(client.set('own', 'write')).resolves.toBe('OK')
    await nothingChanged()
  })

  test('a sentinel that goes on for ever: the time ends it, and the error does not promise that nothing happens', async () => {
    await using fake = await sentinelThat(() => {
      const group = fake.state.groups[topology.name]
      if (group !== undefined) group.flags = ['master', 'failover_in_progress']
      return { status: 'OK' }
    })
    await using client = clientThrough(fake)
    await client.ping()
    const error = await outcome(client.failover({ patienceMs: 0, timeoutMs: 2_000 }))
    expect(error).toMatchObject({ step: 'promote', primary: 'unknown' })
    expect(String(error)).toMatch(/no replica was promoted within \d+ ms of asking.*may have begun and promote one yet/)
    await nothingChanged()
  })

  test('a sentinel that cannot coordinate by itself is asked in the other way', async () => {
    await using fake = await sentinelThat((words) =>
      words.includes('COORDINATED')
        ? { error: "ERR wrong number of arguments for 'sentinel|failover' command" }
        : { error: 'INPROG Failover already in progress' }
    )
    await using client = clientThrough(fake)
    await client.ping()
    const error = await outcome(client.failover({ by: 'sentinel', patienceMs: 0 }))
    expect(error).toMatchObject({ step: 'ask', primary: 'unchanged' })
    expect(fake.received.filter(([, word]) => word === 'FAILOVER')).toEqual([
      ['SENTINEL', 'FAILOVER', topology.name, 'COORDINATED'],
      ['SENTINEL', 'FAILOVER', topology.name]
    ])
    // Behind the pause that was left to the other one.
    await expect(client.set('own', 'write')).resolves.toBe('OK')
    await nothingChanged()
  })

  test('this process dies in the middle: the pause ends by itself', async () => {
    let asked = false
    await using fake = await sentinelThat(() => {
      asked = true
      child.process.kill('SIGKILL')
      return { error: 'INPROG Failover already in progress' }
    })
    const options = { name: topology.name, sentinels: [fake.address] }
    const writer = new Writer('orphan', clientOf(topology))
    await writer.flows(50)
    await using child = new Child('test/live/support/handover-child.ts', [JSON.stringify(options)])
    await expect.poll(() => asked, { timeout: 20_000 }).toBe(true)
    expect(await child.ended()).toBe('SIGKILL')
    await writer.flows(100)
    expect(await writer.compared(topology)).toMatchObject({ lost: [], failed: 0, unknown: 0, hung: 0 })
    await nothingChanged()
  })
})
