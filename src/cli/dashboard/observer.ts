import { setTimeout as sleep } from 'node:timers/promises'
import type { FailoverTimeline, SentinelRedis } from '../../index.js'
import { formatAddress } from '../address.js'
import { listen } from '../watch/happenings.js'
import { Troubles } from '../watch/troubles.js'
import type { FaultDesk } from './fault-desk.js'
import { COMPLETE_AFTER_MS, Feed } from './feed.js'
import { groupView } from './group-view.js'
import { Load } from './load.js'
import type { ClientNumbers, FailoverReport, Sample, State } from './messages.js'
import { NodeLinks } from './node-links.js'

const SAMPLE_EVERY_MS = 250
/** What changes together is told together. */
const SETTLE_MS = 30

export interface ObserverOptions {
  readonly client: SentinelRedis
  readonly desk: FaultDesk
  /** Writes a second by the tool itself, and as many reads. */
  readonly load: number
}

/** Watches one group through one client, and tells the feed. */
export class Observer {
  readonly feed: Feed
  readonly #client: SentinelRedis
  readonly #desk: FaultDesk
  readonly #loadPerSecond: number
  readonly #load: Load
  readonly #nodes: NodeLinks
  readonly #over = new AbortController()
  readonly #sampling: Promise<void>
  readonly #silence: () => void
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #troubles: Troubles
  #pending: NodeJS.Timeout | undefined

  constructor({ client, desk, load }: ObserverOptions) {
    this.#client = client
    this.#desk = desk
    this.#loadPerSecond = load
    this.#nodes = new NodeLinks(client)
    this.#load = new Load(client, load, (call) => this.feed.called(call))
    this.feed = new Feed(this.#state())
    this.#troubles = new Troubles(client, (message) => this.note('trouble', message))
    this.#silence = this.#listen()
    this.#sampling = this.#sample()
  }

  /** Tells the state of now, with what else changes in this moment. */
  changed(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined
      this.feed.state(this.#state())
    }, SETTLE_MS)
  }

  /** A line among the events that no event of the client tells. */
  note(event: 'fault' | 'healed' | 'trouble', text: string): void {
    this.feed.happened({ at: Date.now(), event, text, isBad: event !== 'healed' })
  }

  /** What no event of the client tells. Trouble that lasts is told once. */
  trouble(error: Error): void {
    this.#troubles.met(error)
  }

  async stop(): Promise<void> {
    this.#over.abort()
    this.#silence()
    this.#troubles.silence()
    this.#load.stop()
    clearTimeout(this.#pending)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#nodes.close()
    await this.#sampling
  }

  #listen(): () => void {
    const client = this.#client
    const onTopology = (): void => this.changed()
    const onTimeline = (timeline: FailoverTimeline): void => this.#timeline(timeline)
    client.on('topology', onTopology)
    client.on('failover', onTimeline)
    const silence = listen(client, (happening) => this.feed.happened(happening))
    return () => {
      silence()
      client.off('topology', onTopology)
      client.off('failover', onTimeline)
    }
  }

  #timeline(timeline: FailoverTimeline): void {
    const { complete } = this.feed.timeline(reportOf(timeline))
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      complete()
    }, COMPLETE_AFTER_MS)
    this.#timers.add(timer)
  }

  async #sample(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const asked = this.#nodes.ask()
      await sleep(SAMPLE_EVERY_MS, undefined, { signal: this.#over.signal }).catch(() => undefined)
      // Nodes that answer answer at once; for one that is silent nobody waits.
      await Promise.race([asked, sleep(0)])
      if (this.#over.signal.aborted) return
      const state = this.#state()
      this.feed.sample(this.#sampleOf(state))
      this.feed.state(state)
    }
  }

  #sampleOf(state: State): Sample {
    const nodes: Record<string, Sample['nodes'][string]> = {}
    for (const { address, numbers } of state.group.nodes)
      if (numbers.roundTripMs !== null) nodes[address] = { ops: numbers.opsPerSecond, roundTripMs: numbers.roundTripMs }
    return { at: state.at, nodes, ...this.#load.take() }
  }

  #state(): State {
    return {
      at: Date.now(),
      group: groupView(this.#client.topology, (address) => this.#nodes.numbersOf(address), this.#nodes.replication),
      client: this.#clientNumbers(),
      faults: this.#desk.view
    }
  }

  #clientNumbers(): ClientNumbers {
    const { held, holdReasons, inFlight, heldTotal, retried, hedged, unknown, readsOnReplicas } = this.#client.stats()
    return {
      status: this.#client.status,
      ...{ held, holdReasons, inFlight, heldTotal, retried, hedged, unknown, readsOnReplicas },
      load: this.#loadPerSecond,
      ...this.#load.totals
    }
  }
}

function reportOf(timeline: FailoverTimeline): FailoverReport {
  const { outcome, from, to, epoch, startedAt, endedAt, held, longestHoldMs, retried, unknown, entries } = timeline
  return {
    ...{ outcome, epoch, startedAt, endedAt, held, longestHoldMs, retried, unknown, entries },
    from: from === undefined ? null : formatAddress(from),
    to: to === undefined ? null : formatAddress(to)
  }
}
