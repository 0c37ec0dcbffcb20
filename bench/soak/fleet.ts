import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { ReadProbe } from 'ioredis-sentinel/testkit'
import { until } from '../until.js'
import type { Take } from './loads/consumer.js'
import { Consumer, takeByBlmove, takeByBlpop, takeByXreadgroup } from './loads/consumer.js'
import { Ledgers } from './loads/ledgers.js'
import { OwnReadLoop } from './loads/own-reads.js'
import { PubSubLoad } from './loads/pubsub.js'
import { ShortLivedClients } from './loads/short-lived.js'
import { FIXED_FIELDS, writes } from './loads/writes.js'
import { PlantedLeak } from './planted-leak.js'
import type { ConsumedJobs, Jobs, List, Queue, StepRecord, WorkerOptions, Written } from './records.js'
import { LISTS, QUEUES } from './records.js'
import { type ResourceSample, takeCensus } from './resources/census.js'
import type { ListenerCensus } from './resources/listener-census.js'

/** The name of every connection, by which the servers are asked what was left behind. */
export const CONNECTION_NAME = 'soak'

/** Longer than a busy machine's sentinels may need for their elections: an error is the client's then. */
const DEADLINE_MS = 60_000
const CALM_WITHIN_MS = 30_000
const CONSUMED_WITHIN_MS = 1_500

const CLIENTS = ['main', 'auto', 'watchA', 'watchB', 'subscriber', ...QUEUES] as const
type ClientName = (typeof CLIENTS)[number]

/** All clients of the soak, and what they do. */
export class Fleet {
  readonly #clients: Readonly<Record<ClientName, SentinelRedis>>
  readonly #listeners: ListenerCensus
  readonly #ledgers: Ledgers
  readonly #ownReads: OwnReadLoop
  readonly #pubsub: PubSubLoad
  readonly #consumers: Readonly<Record<Queue, Consumer>>
  readonly #shortLived: ShortLivedClients
  readonly #plant: PlantedLeak
  #probe: ReadProbe | undefined
  #wrongReplies: string[] = []
  #produced: Readonly<Record<Queue, Written>> = byName(QUEUES, () => [])
  #sampled: ResourceSample | undefined

  private constructor(
    clients: Readonly<Record<ClientName, SentinelRedis>>,
    listeners: ListenerCensus,
    pubsub: PubSubLoad,
    options: WorkerOptions
  ) {
    const { main } = clients
    this.#clients = clients
    this.#listeners = listeners
    this.#pubsub = pubsub
    this.#ledgers = new Ledgers(writes(clients, (what) => this.#wrongReplies.push(what)))
    this.#ownReads = new OwnReadLoop(main)
    this.#shortLived = new ShortLivedClients(() => new SentinelRedis(clientOptions(options)))
    this.#plant = new PlantedLeak(options.plant, main)
    const takes: Readonly<Record<Queue, Take>> = {
      blpop: takeByBlpop,
      blmove: takeByBlmove(main),
      xreadgroup: takeByXreadgroup
    }
    this.#consumers = byName(QUEUES, (queue) => new Consumer(clients[queue], takes[queue]))
  }

  static async launch(options: WorkerOptions, listeners: ListenerCensus): Promise<Fleet> {
    const clients = byName(
      CLIENTS,
      (name) => new SentinelRedis({ ...clientOptions(options), enableAutoPipelining: name === 'auto' })
    )
    const { main, subscriber } = clients
    const fields = Array.from({ length: FIXED_FIELDS }, (_, field) => [String(field), String(field)])
    await main.hset('fixed', Object.fromEntries(fields) as Record<string, string>)
    await main.set('constant', 'yes')
    await main.xgroup('CREATE', 'jobs:xreadgroup', 'workers', '0', 'MKSTREAM')
    const replicas = await main.wait(2, 10_000)
    if (replicas < 2) throw new Error(`${replicas} of 2 replicas have what the soak begins with`)
    return new Fleet(clients, listeners, await PubSubLoad.launch(main, subscriber), options)
  }

  begin(step: number): void {
    this.#wrongReplies = []
    this.#plant.grow()
    for (const consumer of Object.values(this.#consumers)) consumer.begin()
    this.#probe = new ReadProbe({ read: () => this.#clients.main.get('constant'), everyMs: 10 })
    this.#ledgers.begin(step)
    this.#ownReads.begin()
    this.#pubsub.begin()
    this.#shortLived.begin()
  }

  flows(acks: number, withinMs: number): Promise<void> {
    return this.#ledgers.flows(acks, withinMs)
  }

  /** Ends the calls of this step, the consumers' excepted, and tells what became of them. */
  async finish(): Promise<StepRecord> {
    const probe = this.#probe
    if (probe === undefined) throw new Error('finish: no step was begun')
    const written = await this.#ledgers.finish()
    const of = (name: Parameters<typeof written.get>[0]): Written => written.get(name) ?? []
    const [ownReads, heard, shortLived] = await Promise.all([
      this.#ownReads.finish(),
      this.#pubsub.finish(),
      this.#shortLived.finish(),
      probe.stop()
    ])
    this.#produced = byName(QUEUES, (queue: Queue) => of(`jobs ${queue}`))
    await this.#consumersSaw()
    this.#probe = undefined
    const { issued, failed, hung, errors, longestGapMs } = probe.report()
    return {
      lists: byName(LISTS, (list: List) => of(`list ${list}`)),
      increments: of('increments'),
      hashFields: of('hash'),
      jobs: this.#produced,
      reads: { issued, failed, hung, errors, longestGapMs },
      ownReads,
      heard,
      shortLived,
      wrongReplies: this.#wrongReplies
    }
  }

  /** What the consumers did in this step; they go on, and so this is asked after what is left at the primary. */
  async consumed(left: Jobs): Promise<ConsumedJobs> {
    await this.#consumersSaw(left)
    return byName(QUEUES, (queue) => this.#consumers[queue].finish())
  }

  /** What the process holds, once nothing is going on. */
  async sample(objects: boolean): Promise<ResourceSample> {
    const clients = Object.values(this.#clients)
    await until(
      () => `calm: ${clients.map(trouble).filter(Boolean).join('; ')}`,
      CALM_WITHIN_MS,
      () => clients.every((client) => trouble(client) === '')
    )
    const sample = await takeCensus(clients, this.#listeners, objects, this.#sampled)
    // Objects are not counted each time.
    this.#sampled = { ...this.#sampled, ...sample }
    return sample
  }

  async close(): Promise<void> {
    this.#plant.remove()
    await Promise.all(Object.values(this.#consumers).map((consumer) => consumer.close()))
    await Promise.all(Object.values(this.#clients).map((client) => client.close()))
  }

  /** Each consumer has seen all that was acknowledged and is not left, or has had the time for it. Whether it had to, the judge says. */
  async #consumersSaw(left?: Jobs): Promise<void> {
    const isBehind = (queue: Queue): boolean => {
      const accounted = new Set([...this.#consumers[queue].seen, ...(left?.[queue] ?? [])])
      return this.#produced[queue].some(({ id, outcome }) => outcome === 'acked' && !accounted.has(id))
    }
    await until('all jobs seen', CONSUMED_WITHIN_MS, () => !QUEUES.some(isBehind)).catch(() => undefined)
  }
}

function clientOptions({ name, sentinels }: WorkerOptions): SentinelRedisOptions {
  return { name, sentinels, connectionName: CONNECTION_NAME, deadlineMs: DEADLINE_MS }
}

/** Why a client is not at rest; empty when it is. */
function trouble(client: SentinelRedis): string {
  const { held, holdReasons, inFlight, replicas } = client.stats()
  const { phase, sentinels } = client.topology
  // A consumer that blocks has one command in flight, for ever.
  if (held > 0 || holdReasons.length > 0 || inFlight > 1)
    return `${held} held (${holdReasons.join()}), ${inFlight} in flight`
  if (phase.kind !== 'stable') return `phase ${phase.kind}`
  const usable = replicas.filter((replica) => replica.usable && replica.pending === 0).length
  if (usable !== 2 || replicas.length !== 2) return `${usable} of ${replicas.length} replicas usable`
  const reachable = sentinels.filter((sentinel) => sentinel.reachable).length
  return reachable === 3 && sentinels.length === 3 ? '' : `${reachable} of ${sentinels.length} sentinels reachable`
}

function byName<Name extends string, Value>(names: readonly Name[], value: (name: Name) => Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>
}
