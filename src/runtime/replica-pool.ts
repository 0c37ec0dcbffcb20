import { formatAddress, sameAddress } from '../protocol/address.js'
import type { ReadCandidate, ReadFrom, ReadRequest } from '../routing/read-policy.js'
import { chooseNode } from '../routing/read-policy.js'
import { successorIn } from '../topology/phase.js'
import type { Replica, Topology } from '../topology/topology.js'
import type { LagWatch } from './lag-watch.js'
import type { ReplicaHandler, ReplicaOptions } from './replica-connection.js'
import { ReplicaConnection } from './replica-connection.js'
import type { ReplicaReportsHandler, Standing } from './replica-reports.js'
import { ReplicaReports } from './replica-reports.js'
import { steadyNow } from './steady-now.js'
import { SyncCheck } from './sync-check.js'
import { Turns } from '../routing/turns.js'

const READS: Standing = { reads: true }
const UNKNOWN: Standing = { reads: false, why: 'unknown' }
/** What a sentinel says of a replica's link is in whole seconds, and the link may have ended before the primary was silent to others. */
const LINK_MARGIN_MS = 5_000

/** Connections to the replicas of the topology, and the choice among them. */
export class ReplicaPool {
  readonly #options: ReplicaOptions
  readonly #handler: ReplicaHandler
  /** It may be read from again, after whatever happened to it meanwhile. */
  readonly #onUsable: (one: ReplicaConnection) => void
  /** Others may be read from than before. */
  readonly #onChange: () => void
  readonly #connections = new Map<string, ReplicaConnection>()
  readonly #sync: SyncCheck
  /** Undefined: the age of their data is not looked at. */
  readonly #lag: LagWatch | undefined
  readonly #reports: ReplicaReports
  #topology: Topology
  /** When the phase was last `stable`, by steadyNow(); undefined while it is. */
  #troubledSince: number | undefined
  /** Connected, answering and fit to read from; kept up to date, since it is looked at on every read. */
  #usable: readonly ReplicaConnection[] = []
  /** Of them, those that are not quiet, and stay replicas; all where none does. */
  #preferred: readonly ReplicaConnection[] = []
  /** Of these, those of the client's own zone; all where none is. */
  #near: readonly ReplicaConnection[] = []
  #turn = 0
  /** Clients do not all begin with the same one. */
  readonly #turns = new Turns<ReplicaConnection>(Math.floor(Math.random() * 1_000))

  constructor(
    topology: Topology,
    options: ReplicaOptions,
    handler: ReplicaHandler,
    onUsable: (one: ReplicaConnection) => void,
    reports: ReplicaReportsHandler,
    lag: LagWatch | undefined
  ) {
    this.#onUsable = onUsable
    this.#reports = new ReplicaReports(reports)
    this.#lag = lag
    this.#topology = topology
    // Since when is not known: longer than any link is down.
    this.#troubledSince = -Infinity
    this.#options = options
    this.#onChange = () => {
      handler.onChange()
    }
    const onChange = (): void => {
      this.changed()
    }
    this.#sync = new SyncCheck(onChange)
    this.#handler = { ...handler, onChange }
    this.follow(topology)
    this.#lag?.reading()
  }

  /** Whether a replica may be read from is to be found out anew. */
  changed(): void {
    this.#choose()
    this.#onChange()
    this.#reports.tell()
  }

  /** Connects to replicas that are new, and leaves those that are gone. */
  follow(topology: Topology): void {
    if (!sameAddress(this.#topology.primary?.address, topology.primary?.address)) this.#lag?.primaryChanged()
    this.#topology = topology
    if (topology.phase.kind === 'stable') this.#troubledSince = undefined
    else this.#troubledSince ??= steadyNow()
    const before = this.#usable
    const wanted = new Map(topology.replicas.map((replica) => [formatAddress(replica.address), replica]))
    for (const [key, connection] of [...this.#connections]) {
      if (wanted.has(key)) continue
      this.#connections.delete(key)
      this.#choose()
      this.#reports.forget(connection.address)
      connection.close()
    }
    for (const [key, replica] of wanted) {
      if (!this.#connections.has(key)) {
        this.#connections.set(key, new ReplicaConnection(replica.address, this.#options, this.#handler))
      }
    }
    this.#choose()
    if (this.#usable.some((one) => !before.includes(one))) this.#onChange()
    this.#reports.tell()
  }

  /** Usable replicas, the primary beside them if it is given; undefined for the primary's own path. */
  choose(
    policy: ReadFrom,
    request: ReadRequest,
    primary: ReadCandidate | undefined,
    fit?: (one: ReplicaConnection) => boolean
  ): ReadCandidate | undefined {
    if (this.#lag?.reading() === true) this.#outdated()
    const usable = fit === undefined ? this.#preferred : this.#fitting(fit)
    if (primary === undefined) {
      if (usable.length === 0) return undefined
      // Without a primary among them, any that is there may be taken, and the one that is used already is the best.
      if (typeof policy === 'string' && usable === this.#preferred) return this.#turns.next(this.#near)
    }
    const candidates: readonly ReadCandidate[] = primary === undefined ? usable : [...usable, primary]
    this.#turn = (this.#turn + 1) % 0x3fffffff
    return chooseNode(policy, candidates, this.#topology, request, this.#turn)
  }

  #fitting(fit: (one: ReplicaConnection) => boolean): readonly ReplicaConnection[] {
    const preferred = this.#preferred.filter(fit)
    return preferred.length > 0 ? preferred : this.#usable.filter(fit)
  }

  /** How old a replica's data is at most, in milliseconds; undefined while that is not known, or not looked at. */
  lagMsOf(one: ReplicaConnection): number | undefined {
    return this.#lag?.lagMsOf(one)
  }

  get usable(): readonly ReplicaConnection[] {
    return this.#usable
  }

  get all(): readonly ReplicaConnection[] {
    return [...this.#connections.values()]
  }

  close(): void {
    this.#lag?.close()
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
    this.#usable = []
    this.#preferred = []
    this.#near = []
  }

  /** In the middle of a call: listeners are told when that is over. */
  #outdated(): void {
    this.#choose()
    setImmediate(() => {
      this.#reports.tell()
    })
  }

  #choose(): void {
    this.#lag?.assess()
    const seen = new Map(this.#topology.replicas.map((replica) => [formatAddress(replica.address), replica]))
    const before = this.#usable
    this.#usable = [...this.#connections.values()].filter((one) => {
      const standing = this.#standing(one, seen.get(one.key))
      this.#reports.note(one.address, standing)
      return standing.reads
    })
    const preferred = this.#usable.filter((one) => !one.quiet && !this.#leaves(one))
    this.#preferred = preferred.length > 0 ? preferred : this.#usable
    const near = this.#preferred.filter((one) => one.sameZone)
    this.#near = near.length > 0 ? near : this.#preferred
    for (const one of this.#usable) if (!before.includes(one)) this.#onUsable(one)
  }

  /** A replica that is about to be the primary cuts all of its connections in that moment. */
  #leaves({ address }: ReplicaConnection): boolean {
    return sameAddress(successorIn(this.#topology), address)
  }

  /** One whose link to a live primary is down holds old data; when the primary is gone all links are, and serve, but for those that were down before. */
  #isCutOff({ linkDownMs }: Replica): boolean {
    if (this.#troubledSince === undefined) return true
    const { downAfterMs = 0 } = this.#topology.settings ?? {}
    return linkDownMs > steadyNow() - this.#troubledSince + downAfterMs + LINK_MARGIN_MS
  }

  #standing(one: ReplicaConnection, seen: Replica | undefined): Standing {
    const { trouble } = one
    if (trouble !== undefined) return { reads: false, why: trouble }
    if (seen === undefined) return UNKNOWN
    if (seen.down) return { reads: false, why: { reason: 'down' } }
    if (!seen.linkUp && this.#isCutOff(seen)) return { reads: false, why: { reason: 'link-down' } }
    if (!this.#sync.passed(one)) return UNKNOWN
    const verdict = this.#lag?.verdictOn(one) ?? 'fit'
    if (verdict === 'fit') return READS
    const lagMs = this.#lag?.lagMsOf(one)
    return verdict === 'unknown'
      ? UNKNOWN
      : { reads: false, why: { reason: 'lag', ...(lagMs !== undefined && { lagMs: Math.round(lagMs) }) } }
  }
}
