import type { FailoverTimeline, TimelineEntry } from '../events.js'
import type { Address } from '../protocol/address.js'
import { formatAddress, sameAddress } from '../protocol/address.js'
import type { SentinelEvent } from '../protocol/parse-event.js'
import type { Observation } from '../topology/observation.js'
import type { Phase, Topology } from '../topology/topology.js'

export interface CallCounts {
  readonly held: number
  readonly longestHoldMs: number
  readonly retried: number
  readonly unknown: number
}

interface Running {
  readonly startedAt: number
  readonly from: Address | undefined
  readonly before: CallCounts
  /** It is more than a doubt: a quorum, a failover or another primary was seen. */
  serious: boolean
}

/** What was seen shortly before the first sign belongs to the story too, and so does all that came since calls began to wait. */
const REMEMBERED = 64
const PROLOGUE_MS = 100
const AGAIN_AFTER_MS = 1_000

/** Writes down who said what when, from the first sign of trouble with the primary until writes flow again. */
export class TimelineRecorder {
  readonly #name: string
  #entries: { at: number; who: string; what: string; detail?: string }[] = []
  #running: Running | undefined
  /** When that was heard which is being followed: a process may stand still for longer than the prologue in between. */
  #heardAt: number | undefined
  /** Since when calls have waited, and what had been counted until then. */
  #waiting: { readonly since: number; readonly before: CallCounts } | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** A failover, or a doubt that may become one, is being written down. */
  get running(): boolean {
    return this.#running !== undefined
  }

  observed(observation: Observation): void {
    switch (observation.kind) {
      case 'event':
        this.#heardAt = observation.at
        queueMicrotask(() => {
          this.#heardAt = undefined
        })
        this.#add(
          observation.at,
          `sentinel ${observation.from}`,
          observation.event.channel,
          detailOf(observation.event)
        )
        return
      case 'role':
        this.#addNew(observation.at, `node ${formatAddress(observation.address)}`, `role ${observation.role}`)
        return
      case 'node-error':
        this.#addNew(observation.at, `node ${formatAddress(observation.address)}`, observation.error)
        return
      case 'sentinel-lost':
        this.#addNew(observation.at, `sentinel ${observation.from}`, 'lost', observation.reason)
        return
      case 'sentinel-added':
      case 'sentinel-removed':
      case 'snapshot':
      case 'tick':
    }
  }

  /** Something this client did: cut, connected. */
  did(at: number, what: string, detail?: string): void {
    this.#add(at, 'client', what, detail)
  }

  /** The first call begins to wait. It may be a second before anybody doubts the primary: a silent one is noticed here first. */
  held(at: number, why: string, counts: CallCounts): void {
    this.#waiting = { since: at, before: counts }
    this.did(at, 'hold', why)
  }

  /** Calls no longer wait; so many that did have been sent. */
  released(at: number, count: number): void {
    this.#waiting = undefined
    if (count > 0) this.did(at, 'release', `${count} calls`)
  }

  /** Follows the topology. True once a failover, when it is first seen to be one. */
  follow(topology: Topology, before: Topology, at: number, counts: CallCounts): boolean {
    const { phase, primary } = topology
    const moved = before.primary !== undefined && !sameAddress(primary?.address, before.primary.address)
    if (this.#running === undefined) {
      if (!moved && (phase.kind === 'stable' || phase.kind === 'unknown' || before.primary === undefined)) return false
      const { since = this.#heardAt ?? at, before: counted = counts } = this.#waiting ?? {}
      this.#running = { startedAt: since, from: before.primary?.address, before: counted, serious: false }
    }
    if (describePhase(phase) !== describePhase(before.phase)) this.did(at, 'phase', describePhase(phase))
    if (moved && primary !== undefined) {
      const how = primary.confirmed ? 'confirmed' : 'not yet confirmed'
      this.did(at, 'moved', `${formatAddress(primary.address)} by epoch ${topology.configEpoch}, ${how}`)
    }
    const serious =
      moved ||
      phase.kind === 'failover' ||
      phase.kind === 'verifying' ||
      (phase.kind === 'suspect' && phase.by === 'odown')
    const first = serious && !this.#running.serious
    if (serious) this.#running.serious = true
    return first
  }

  /** Writes flow to the primary and nothing is doubted: the report, or undefined when there was nothing to report. */
  finish(topology: Topology, at: number, counts: CallCounts): FailoverTimeline | undefined {
    const running = this.#running
    if (running === undefined) return undefined
    this.#running = undefined
    const to = topology.primary?.address
    const moved = !sameAddress(running.from, to)
    if (!running.serious) return undefined
    const first = running.startedAt - PROLOGUE_MS
    const story = this.#entries.filter((entry) => entry.at >= first)
    const startedAt = story[0]?.at ?? running.startedAt
    this.#entries = []
    return {
      name: this.#name,
      outcome: moved ? 'moved' : 'aborted',
      ...(running.from === undefined ? {} : { from: running.from }),
      ...(to === undefined ? {} : { to }),
      epoch: topology.configEpoch,
      startedAt,
      endedAt: at,
      entries: story.map((entry): TimelineEntry => ({ ...entry, afterMs: entry.at - startedAt })),
      held: counts.held - running.before.held,
      longestHoldMs: counts.longestHoldMs,
      retried: counts.retried - running.before.retried,
      unknown: counts.unknown - running.before.unknown
    }
  }

  /** A node that is asked 50 times a second what it is now says the same as often: it is told once a second. */
  #addNew(at: number, who: string, what: string, detail?: string): void {
    const last = this.#entries.findLast((entry) => entry.who === who)
    const again = last?.what === what && last.detail === detail && at - last.at < AGAIN_AFTER_MS
    if (!again) this.#add(at, who, what, detail)
  }

  #add(at: number, who: string, what: string, detail?: string): void {
    this.#entries.push({ at, who, what, ...(detail === undefined ? {} : { detail }) })
    if (this.#running === undefined && this.#waiting === undefined) {
      this.#entries.splice(0, this.#entries.length - REMEMBERED)
    } else if (this.#entries.length > MOST_ENTRIES) this.#entries.splice(2 * REMEMBERED, 1)
  }
}

/** A failover that never ends must not fill the memory: the beginning and the latest are kept. */
const MOST_ENTRIES = 2_000

/** For a log, which is read line by line; of a long one the beginning and the end. */
export function timelineLines(entries: readonly TimelineEntry[]): string[] {
  const lines = entries.map(({ afterMs, who, what, detail }) =>
    [`${Math.round(afterMs)} ms`, who, what, ...(detail === undefined ? [] : [detail])].join(' ')
  )
  if (lines.length <= MOST_LINES) return lines
  const half = MOST_LINES / 2
  return [...lines.slice(0, half), `… ${lines.length - MOST_LINES} more …`, ...lines.slice(-half)]
}

const MOST_LINES = 80

export function describePhase(phase: Phase): string {
  switch (phase.kind) {
    case 'unknown':
    case 'stable':
      return phase.kind
    case 'suspect':
      return `suspect (${phase.by})`
    case 'failover':
      return phase.candidate === undefined
        ? 'failover'
        : `failover, candidate ${formatAddress(phase.candidate.address)}`
    case 'verifying':
      return `verifying ${formatAddress(phase.candidate)} by epoch ${phase.epoch}`
  }
}

function detailOf(event: SentinelEvent): string | undefined {
  switch (event.kind) {
    case 'instance':
      return `${event.role} ${formatAddress(event.address)}${event.detail === undefined ? '' : ` ${event.detail}`}`
    case 'switch':
      return `${formatAddress(event.from)} -> ${formatAddress(event.to)}`
    case 'epoch':
      return `epoch ${event.epoch}`
    case 'vote':
      return `leader ${event.leaderId}, epoch ${event.epoch}`
    case 'unparsed':
      return event.message
    case 'tilt':
      return undefined
  }
}
