import { formatAddress, sameAddress } from '../protocol/address.js'
import type { ReadCandidate, ReadFrom, ReadRequest } from '../routing/read-policy.js'
import { chooseNode } from '../routing/read-policy.js'
import { successorIn } from '../topology/phase.js'
import type { Replica, Topology } from '../topology/topology.js'
import type { ReplicaHandler, ReplicaOptions } from './replica-connection.js'
import { ReplicaConnection } from './replica-connection.js'
import { SyncCheck } from './sync-check.js'
import { Turns } from '../routing/turns.js'

/** Connections to the replicas of the topology, and the choice among them. */
export class ReplicaPool {
  readonly #options: ReplicaOptions
  readonly #handler: ReplicaHandler
  /** It may be read from again, after whatever happened to it meanwhile. */
  readonly #onUsable: (one: ReplicaConnection) => void
  readonly #connections = new Map<string, ReplicaConnection>()
  readonly #sync: SyncCheck
  #topology: Topology
  /** Connected, answering and fit to read from; kept up to date, since it is looked at on every read. */
  #usable: readonly ReplicaConnection[] = []
  /** Of them, those that are not quiet, and stay replicas; all where none does. */
  #preferred: readonly ReplicaConnection[] = []
  #turn = 0
  readonly #turns = new Turns<ReplicaConnection>()

  constructor(
    topology: Topology,
    options: ReplicaOptions,
    handler: ReplicaHandler,
    onUsable: (one: ReplicaConnection) => void
  ) {
    this.#onUsable = onUsable
    this.#topology = topology
    this.#options = options
    const onChange = (): void => {
      this.#choose()
      handler.onChange()
    }
    this.#sync = new SyncCheck(onChange)
    this.#handler = { ...handler, onChange }
    this.follow(topology)
  }

  /** Connects to replicas that are new, and leaves those that are gone. */
  follow(topology: Topology): void {
    this.#topology = topology
    const before = this.#usable
    const wanted = new Map(topology.replicas.map((replica) => [formatAddress(replica.address), replica]))
    for (const [key, connection] of [...this.#connections]) {
      if (wanted.has(key)) continue
      this.#connections.delete(key)
      this.#choose()
      connection.close()
    }
    for (const [key, replica] of wanted) {
      if (!this.#connections.has(key)) {
        this.#connections.set(key, new ReplicaConnection(replica.address, this.#options, this.#handler))
      }
    }
    this.#choose()
    if (this.#usable.some((one) => !before.includes(one))) this.#handler.onChange()
  }

  /** Usable replicas, the primary beside them if it is given; undefined for the primary's own path. */
  choose(
    policy: ReadFrom,
    request: ReadRequest,
    primary: ReadCandidate | undefined,
    fit?: (one: ReplicaConnection) => boolean
  ): ReadCandidate | undefined {
    const usable = fit === undefined ? this.#preferred : this.#fitting(fit)
    if (primary === undefined) {
      if (usable.length === 0) return undefined
      // Without a primary among them, any that is there may be taken, and the one that is used already is the best.
      if (typeof policy === 'string' && usable === this.#preferred) return this.#turns.next(usable)
    }
    const candidates: readonly ReadCandidate[] = primary === undefined ? usable : [...usable, primary]
    this.#turn = (this.#turn + 1) % 0x3fffffff
    return chooseNode(policy, candidates, this.#topology, request, this.#turn)
  }

  #fitting(fit: (one: ReplicaConnection) => boolean): readonly ReplicaConnection[] {
    const preferred = this.#preferred.filter(fit)
    return preferred.length > 0 ? preferred : this.#usable.filter(fit)
  }

  get usable(): readonly ReplicaConnection[] {
    return this.#usable
  }

  get all(): readonly ReplicaConnection[] {
    return [...this.#connections.values()]
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
    this.#usable = []
    this.#preferred = []
  }

  #choose(): void {
    const fit = new Set(
      this.#topology.replicas.filter((replica) => this.#isFit(replica)).map((replica) => formatAddress(replica.address))
    )
    const before = this.#usable
    this.#usable = [...this.#connections.values()].filter(
      (one) => one.usable && fit.has(one.key) && this.#sync.passed(one)
    )
    const preferred = this.#usable.filter((one) => !one.quiet && !this.#leaves(one))
    this.#preferred = preferred.length > 0 ? preferred : this.#usable
    for (const one of this.#usable) if (!before.includes(one)) this.#onUsable(one)
  }

  /** A replica that is about to be the primary cuts all of its connections in that moment. */
  #leaves({ address }: ReplicaConnection): boolean {
    return sameAddress(successorIn(this.#topology), address)
  }

  /** A replica whose link to a live primary is down holds old data; when the primary is gone they all do, and serve. */
  #isFit(replica: Replica): boolean {
    if (replica.down) return false
    return replica.linkUp || this.#topology.phase.kind !== 'stable'
  }
}
