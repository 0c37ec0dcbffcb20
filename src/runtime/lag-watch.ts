import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { WireError } from '../protocol/handshake.js'
import { parseReplicationInfo } from '../protocol/parse-info.js'
import { OffsetHistory } from '../routing/data-age.js'
import { isForbidden } from '../routing/probe.js'
import type { ReplicaConnection } from './replica-connection.js'
import type { SideConnection } from './side-connection.js'

export interface LagHost {
  primary(): Address | undefined
  /** Something is wrong with the primary: nobody can tell of newer writes. */
  primaryIsGone(): boolean
  open(address: Address, signal: AbortSignal): Promise<SideConnection>
  replicas(): readonly ReplicaConnection[]
  /** Reads wait for a replica. */
  readsWait(): boolean
  /** Other replicas may be read from than before. */
  onChange(): void
  /** A node refuses to tell its offset. */
  onForbidden(message: string): void
}

/** `unknown`: nobody has told enough yet. */
export type LagVerdict = 'fit' | 'behind' | 'unknown'

interface Told {
  /** Of the connection on which it was told. */
  readonly session: number
  readonly history: string
  readonly offset: number
}

const SHORTEST_INTERVAL_MS = 50
const LONGEST_INTERVAL_MS = 1_000
/** For so long after the last read the nodes are still asked. */
const IDLE_AFTER_MS = 10_000
/** An answer that takes longer than this does not come any more. */
const GIVE_UP_AFTER_MS = 2_000

/**
 * Knows how old the data of each replica is at most, by comparing its replication offset with what the primary's was at known times.
 * Asks only while reads are made. The primary is asked on a connection of its own, so that no blocking call holds the answer up.
 */
export class LagWatch {
  readonly #maxLagMs: number
  readonly #intervalMs: number
  readonly #host: LagHost
  readonly #history: OffsetHistory
  #told = new WeakMap<ReplicaConnection, Told>()
  readonly #asking = new Set<ReplicaConnection>()
  #fit: ReadonlySet<ReplicaConnection> = new Set()
  /** Until then the replicas that are fit stay so, whatever happens. */
  #fitUntil = Infinity
  #timer: NodeJS.Timeout | undefined
  #side: SideConnection | undefined
  #sideAddress: Address | undefined
  #abort = new AbortController()
  #primaryAsked = false
  /** When the last question was asked that the primary has answered. */
  #confirmedAt: number | undefined
  #unanswered = false
  #used = false
  #usedAt = 0

  constructor(maxLagMs: number, host: LagHost) {
    this.#maxLagMs = maxLagMs
    this.#intervalMs = Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, maxLagMs / 4))
    this.#host = host
    this.#history = new OffsetHistory(maxLagMs)
  }

  /** A read is about to be given to a node. True: who is fit is to be found out anew first, since time has passed. */
  reading(): boolean {
    this.#used = true
    if (this.#timer === undefined) this.#tick()
    return performance.now() > this.#fitUntil
  }

  /** Another node is the primary. */
  primaryChanged(): void {
    if (this.#timer !== undefined) void this.#round()
  }

  /** Finds out anew which replicas are fit; true when they are others than before. */
  assess(): boolean {
    const now = performance.now()
    const before = this.#fit
    const fit = new Set<ReplicaConnection>()
    let fitUntil = Infinity
    for (const replica of this.#host.replicas()) {
      const age = this.#ageOf(replica, now)
      if (age === undefined || age > this.#maxLagMs) continue
      fit.add(replica)
      if (!this.#stands) fitUntil = Math.min(fitUntil, now + this.#maxLagMs - age)
    }
    this.#fit = fit
    this.#fitUntil = fitUntil
    return fit.size !== before.size || [...fit].some((one) => !before.has(one))
  }

  /** As it was found last. */
  verdictOn(replica: ReplicaConnection): LagVerdict {
    if (this.#fit.has(replica)) return 'fit'
    const isKnown = this.#toldBy(replica) !== undefined && this.#confirmedAt !== undefined
    if (!isKnown && this.#timer !== undefined) void this.#askReplica(replica)
    return isKnown ? 'behind' : 'unknown'
  }

  /** How old its data is at most, in milliseconds; undefined while that is not known. */
  lagMsOf(replica: ReplicaConnection): number | undefined {
    return this.#ageOf(replica, performance.now())
  }

  close(): void {
    this.#sleep()
  }

  /** The age is counted as of the primary's last answer: there is nobody who could tell of newer writes. */
  get #stands(): boolean {
    return this.#unanswered || this.#host.primaryIsGone()
  }

  #ageOf(replica: ReplicaConnection, now: number): number | undefined {
    const told = this.#toldBy(replica)
    const until = told === undefined ? undefined : this.#history.heldUntil(told.history, told.offset)
    if (until === undefined || this.#confirmedAt === undefined) return undefined
    return Math.max(0, (this.#stands ? this.#confirmedAt : now) - until)
  }

  #toldBy(replica: ReplicaConnection): Told | undefined {
    const told = this.#told.get(replica)
    return told?.session === replica.session ? told : undefined
  }

  #tick(): void {
    const now = performance.now()
    if (this.#used || this.#host.readsWait()) this.#usedAt = now
    this.#used = false
    if (now - this.#usedAt > IDLE_AFTER_MS) {
      this.#sleep()
      return
    }
    this.#timer = setTimeout(
      () => {
        this.#tick()
      },
      this.#intervalMs * (0.8 + 0.4 * Math.random())
    )
    this.#timer.unref()
    void this.#round()
  }

  #sleep(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#told = new WeakMap()
    this.#fit = new Set()
    this.#fitUntil = -Infinity
    this.#unanswered = false
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#leaveSide()
  }

  async #round(): Promise<void> {
    const { signal } = this.#abort
    // Behind the primary's answer: what the replica told before could be compared with older ones only.
    if (!this.#primaryAsked) await this.#askPrimary(signal)
    if (signal.aborted) return
    for (const replica of this.#host.replicas()) void this.#askReplica(replica)
    this.#changed()
  }

  async #askPrimary(signal: AbortSignal): Promise<void> {
    this.#primaryAsked = true
    const late = setTimeout(() => {
      this.#setUnanswered(true)
      for (const replica of this.#host.replicas()) void this.#askReplica(replica)
    }, this.#intervalMs)
    const hopeless = setTimeout(() => {
      this.#leaveSide()
    }, GIVE_UP_AFTER_MS)
    try {
      const side = await this.#sideTo(this.#host.primary(), signal)
      const askedAt = performance.now()
      const [answer] = (await side?.ask(['INFO', 'replication'])) ?? []
      if (answer instanceof WireError) this.#host.onForbidden(answer.message)
      const told = typeof answer === 'string' ? parseReplicationInfo(answer) : undefined
      if (signal.aborted) return
      if (told?.role === 'primary') {
        this.#history.add(askedAt, told.history, told.offset)
        this.#confirmedAt = askedAt
      }
      this.#setUnanswered(told?.role !== 'primary')
    } catch {
      this.#setUnanswered(true)
    } finally {
      clearTimeout(late)
      clearTimeout(hopeless)
      this.#primaryAsked = false
    }
  }

  async #sideTo(address: Address | undefined, signal: AbortSignal): Promise<SideConnection | undefined> {
    if (this.#side?.open === true && sameAddress(address, this.#sideAddress)) return this.#side
    this.#leaveSide()
    if (address === undefined) return undefined
    const side = await this.#host.open(address, signal)
    if (signal.aborted) {
      side.close()
      return undefined
    }
    this.#side = side
    this.#sideAddress = address
    return side
  }

  #leaveSide(): void {
    this.#side?.close()
    this.#side = undefined
  }

  async #askReplica(replica: ReplicaConnection): Promise<void> {
    if (!replica.connected || this.#asking.has(replica)) return
    this.#asking.add(replica)
    const { session } = replica
    try {
      const told = parseReplicationInfo(await replica.ask('info', 'replication'))
      if (this.#timer !== undefined && told?.role === 'replica') {
        this.#told.set(replica, { session, history: told.history, offset: told.offset })
        this.#changed()
      }
    } catch (error) {
      // A connection that broke is no news here.
      if (error instanceof Error && isForbidden(error)) this.#host.onForbidden(error.message)
    } finally {
      this.#asking.delete(replica)
    }
  }

  #setUnanswered(unanswered: boolean): void {
    if (this.#unanswered === unanswered) return
    this.#unanswered = unanswered
    this.#changed()
  }

  #changed(): void {
    if (this.assess()) this.#host.onChange()
  }
}
