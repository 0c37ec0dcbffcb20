import { Redis } from 'ioredis'
import type { ChainableCommander } from 'ioredis'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommandFlags } from '../../../scripts/command-flags.js'
import { readCommandFlags } from '../../../scripts/command-flags.js'
import { COMMAND_TABLE } from '../../../src/routing/command-table.js'
import { fullNameOf } from '../../../src/routing/commands.js'
import { usable } from '../support/client-view.js'
import { clientOf, outcome } from '../support/clients.js'
import type { ExampleCall } from '../support/example-calls.js'
import { DATA, KEPT, NOT_CALLED, OTHERS, READ_SCRIPT, READS } from '../support/example-calls.js'
import { Monitor } from '../support/monitor.js'
import { useQuietTopology } from '../support/quiet-topology.js'
import { replicated, resetStatistics } from '../support/server-view.js'

const NAME = 'split'

/** What this library asks nodes for itself, and what ioredis greets them with. */
const HOUSEKEEPING: readonly RegExp[] = [/^hello /, /^client (setname|setinfo) /, /^(ping|info replication)$/]

const quiet = useQuietTopology()
let server: CommandFlags
let monitors: ReadonlyMap<LocalNode, Monitor>
let reads: readonly ExampleCall[]
let kept: readonly ExampleCall[]
let others: readonly ExampleCall[]

const nameOf = ([name, ...args]: ExampleCall): string => fullNameOf(name, args)
const wordsOf = (call: ExampleCall): string => call.join(' ')
const sorted = (calls: readonly ExampleCall[]): string[] => calls.map(wordsOf).sort()

/** A container of subcommands is called by these alone. */
const callable = (names: Iterable<string>): string[] => {
  const all = [...names]
  return all.filter((name) => !all.some((other) => other.startsWith(`${name}|`)))
}

beforeEach(async () => {
  const { primary, replicas, topology } = quiet
  const plain = new Redis({ ...primary.address, retryStrategy: () => null })
  server = await readCommandFlags(plain)
  plain.disconnect()
  const isKnown = (call: ExampleCall): boolean => server.has(nameOf(call))
  reads = READS.filter(isKnown)
  kept = KEPT.filter(isKnown)
  others = OTHERS.filter(isKnown)
  for (const [name, ...args] of DATA.filter(isKnown)) await primary.command(name, ...args)
  for (const node of topology.nodes) await node.command('SCRIPT', 'LOAD', READ_SCRIPT)
  await replicated(primary, replicas)
  monitors = new Map(await Promise.all(topology.nodes.map(async (node) => [node, await Monitor.start(node)] as const)))
})
afterEach(() => {
  for (const monitor of monitors.values()) monitor.stop()
})

/** Nothing but the rules of routing decides where a call goes: slow answers and silence are far away. */
async function clientWith(options: Partial<SentinelRedisOptions>): Promise<SentinelRedis> {
  const client = clientOf(quiet.topology, { connectionName: NAME, hedge: false, suspectAfterMs: 60_000, ...options })
  await client.ping()
  if (options.readFrom !== 'primary') await usable(client, quiet.replicas.length)
  await resetStatistics(quiet.topology.nodes)
  return client
}

/** What the client has had executed by each node, the housekeeping left out. Its connections are those that have its name. */
class View {
  readonly #seen = new Map<LocalNode, number>()

  /** Since it was last asked. */
  async news(): Promise<{ readonly primary: string[]; readonly replicas: string[][] }> {
    const { primary, replicas } = quiet
    const [onPrimary = [], ...onReplicas] = await Promise.all([primary, ...replicas].map((node) => this.#newsOf(node)))
    return { primary: onPrimary, replicas: onReplicas }
  }

  async #newsOf(node: LocalNode): Promise<string[]> {
    const all = (await monitors.get(node)?.upToNow()) ?? []
    const isNaming = (words: readonly string[]): boolean => words.join(' ').toLowerCase() === `client setname ${NAME}`
    const own = new Set(all.filter(({ words }) => isNaming(words)).map(({ source }) => source))
    expect(own.size).toBeGreaterThan(0)
    const executed = all.filter(({ source }) => own.has(source)).map(({ words }) => words.join(' '))
    const before = this.#seen.get(node) ?? 0
    this.#seen.set(node, executed.length)
    return executed.slice(before).filter((words) => !HOUSEKEEPING.some((form) => form.test(words.toLowerCase())))
  }
}

interface Count {
  readonly calls: number
  /** Refused before execution: MONITOR does not show that. */
  readonly rejected: number
}

/** By full name, since the statistics were reset. A server counts the commands of its modules in capitals. */
async function countsAt(node: LocalNode): Promise<ReadonlyMap<string, Count>> {
  const info = String(await node.command('INFO', 'commandstats'))
  return new Map(
    [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+).*?,rejected_calls=(\d+)/gm)].map(
      ([, name = '', calls, rejected]) => [name.toLowerCase(), { calls: Number(calls), rejected: Number(rejected) }]
    )
  )
}

/** Refused at a replica, or executed there out of MONITOR's sight. */
async function strayedToReplicas(calls: readonly ExampleCall[]): Promise<string[]> {
  const unseen = new Set(calls.map(nameOf).filter((name) => server.get(name)?.has('admin') === true))
  const counts = await Promise.all(quiet.replicas.map(countsAt))
  return counts.flatMap((at) =>
    [...at]
      .filter(([name, { calls, rejected }]) => rejected > 0 || (calls > 0 && unseen.has(name)))
      .map(([name]) => name)
  )
}

describe('the examples', () => {
  test('are of every command that the table or this server has, or say why not', () => {
    const called = new Set([...READS, ...KEPT, ...OTHERS].map(nameOf))
    const missing = (names: Iterable<string>): string[] =>
      callable(names).filter((name) => !called.has(name) && !Object.hasOwn(NOT_CALLED, name))
    expect(missing(Object.keys(COMMAND_TABLE))).toEqual([])
    expect(missing(server.keys())).toEqual([])
    expect(Object.keys(NOT_CALLED).filter((name) => called.has(name) || COMMAND_TABLE[name] === undefined)).toEqual([])
  })

  test('are all called, where this server knows them', async (context) => {
    const unknown = callable(Object.keys(COMMAND_TABLE)).filter((name) => !server.has(name))
    const called = new Set([...reads, ...kept, ...others].map(nameOf))
    expect(unknown.filter((name) => called.has(name))).toEqual([])
    const several = `${unknown.length} commands of other servers are unknown to this one, and not called here`
    if (unknown.length > 0) await context.annotate(`${several}: ${unknown.join(', ')}`)
  })

  test('are for replicas where this server says that they only read, and only keys', () => {
    const flagged = (call: ExampleCall, ...flags: string[]): boolean =>
      flags.every((flag) => server.get(nameOf(call))?.has(flag) === true)
    expect(reads.filter((call) => !flagged(call, 'readonly', 'read-keys') || flagged(call, 'write'))).toEqual([])
    expect(kept.filter((call) => !flagged(call, 'readonly'))).toEqual([])
    expect(others.filter((call) => flagged(call, 'readonly'))).toEqual([])
    expect(reads.length).toBeGreaterThan(70)
  })
})

test('every read is answered by a replica and by nobody else, and nothing but reads comes to one', async () => {
  await using client = await clientWith({ consistency: 'eventual' })
  const view = new View()
  await view.news()
  // All at once: those that come one by one stay at one replica.
  await Promise.all(reads.map((call) => client.call(...call)))
  const single = await view.news()
  expect(single.primary).toEqual([])
  expect(single.replicas.flat().sort()).toEqual(sorted(reads))
  expect(Math.min(...single.replicas.map((one) => one.length))).toBeGreaterThan(reads.length / 4)

  const pipeline = client.pipeline()
  for (const [name, ...args] of reads) pipeline.call(name, ...args)
  expect((await pipeline.exec())?.filter(([error]) => error !== null)).toEqual([])
  const piped = await view.news()
  expect(piped.primary).toEqual([])
  expect(piped.replicas.map((one) => one.length).sort((a, b) => a - b)).toEqual([0, reads.length])
  expect(piped.replicas.flat()).toEqual(reads.map(wordsOf))
  expect(await strayedToReplicas([])).toEqual([])

  const rest = [...kept, ...others]
  for (const call of rest) await outcome(client.call(...call))
  const { primary, replicas } = await view.news()
  expect(replicas).toEqual(quiet.replicas.map(() => []))
  expect(await strayedToReplicas(rest)).toEqual([])
  // Each was executed, not only refused for its form; of those that MONITOR shows, by this client.
  const counts = await countsAt(quiet.primary)
  expect(rest.filter((call) => (counts.get(nameOf(call))?.calls ?? 0) === 0).map(wordsOf)).toEqual([])
  const shown = new Set(primary)
  const unseen = rest.filter((call) => server.get(nameOf(call))?.has('admin') !== true && !shown.has(wordsOf(call)))
  expect(unseen.map(wordsOf)).toEqual([])
})

test('a script that only the primary was given is run there, unless only replicas may answer', async () => {
  await using client = await clientWith({})
  await client.set('string', 'value')
  await client.wait(quiet.replicas.length, 5_000)
  const sha = String(await client.script('LOAD', `return {redis.call('get', KEYS[1]), 'only at the primary'}`))
  for (let turn = 0; turn < 4; turn += 1)
    expect(await client.call('EVALSHA_RO', sha, 1, 'string')).toEqual(['value', 'only at the primary'])
  expect(await outcome(client.with({ readFrom: 'replica' }).call('EVALSHA_RO', sha, 1, 'string'))).toMatchObject({
    message: expect.stringMatching(/^NOSCRIPT/) as string
  })
})

test('reads among writes, in MULTI, or while keys are watched are answered by the primary', async () => {
  await using client = await clientWith({ consistency: 'eventual' })
  const view = new View()
  await view.news()
  const piped = (): ChainableCommander => {
    const pipeline = client.pipeline()
    for (const [name, ...args] of reads) pipeline.call(name, ...args)
    return pipeline
  }
  await piped().call('set', 'written', '1').exec()
  const multi = client.multi()
  for (const [name, ...args] of reads) multi.call(name, ...args)
  await multi.exec()
  await client.watch('string')
  for (const call of reads) await client.call(...call)
  await piped().exec()
  await client.unwatch()
  const { primary, replicas } = await view.news()
  expect(replicas).toEqual(quiet.replicas.map(() => []))
  const around = ['set written 1', 'multi', 'exec', 'watch string', 'unwatch']
  expect(primary.filter((words) => !around.includes(words)).sort()).toEqual(
    sorted([...reads, ...reads, ...reads, ...reads])
  )
  expect(await strayedToReplicas([])).toEqual([])
})

test('at the default consistency, what this client has just written is read from the primary, by every read', async () => {
  await using client = await clientWith({})
  const view = new View()
  await view.news()
  for (const call of reads) {
    const keys = (await quiet.primary.command('COMMAND', 'GETKEYS', ...call)) as string[]
    expect(keys.length, wordsOf(call)).toBeGreaterThan(0)
    for (const key of keys) await client.persist(key)
    await client.call(...call)
  }
  const { primary, replicas } = await view.news()
  expect(replicas).toEqual(quiet.replicas.map(() => []))
  expect(primary.filter((words) => !words.startsWith('persist ')).sort()).toEqual(sorted(reads))
})

test('vector sets are read at replicas by the commands that were declared to be reads', async (context) => {
  const ofVectors = kept.filter(([name]) => name.startsWith('v'))
  if (ofVectors.length === 0) context.skip('this server has no vector sets: Redis 8.0 or newer has them')
  await using client = await clientWith({ consistency: 'eventual', readOnlyCommands: ofVectors.map(([name]) => name) })
  const view = new View()
  await view.news()
  for (const call of ofVectors) await client.call(...call)
  const { primary, replicas } = await view.news()
  expect(primary).toEqual([])
  expect(replicas.flat().sort()).toEqual(sorted(ofVectors))
  expect(await strayedToReplicas([])).toEqual([])
})
