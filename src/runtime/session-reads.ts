import { parseReplicationInfo } from '../protocol/parse-info.js'
import { KnownPoints } from '../routing/known-points.js'
import type { SessionPoint } from '../routing/session-token.js'
import type { ReplicaConnection } from './replica-connection.js'

export interface SessionReadsHost {
  /** Undefined while the primary cannot be asked. */
  askPrimary(name: string, argument: string): Promise<string> | undefined
  replicas(): readonly ReplicaConnection[]
  /** The primary is known not to have all of what was written up to this point. */
  onLost(point: SessionPoint, lostBytes: number): void
}

/** At most this often the nodes are asked, and only while a read would profit. */
const ASK_EVERY_MS = 50

/**
 * Reads that have to see what another client wrote: knows which replicas hold it, by what INFO replication says of their place in the
 * history of writes. They are asked when a read has to go to the primary for want of knowledge, and not more than 20 times a second.
 */
export class SessionReads {
  readonly #points = new KnownPoints()
  readonly #host: SessionReadsHost
  #asking = false
  #timer: NodeJS.Timeout | undefined
  #generation = 0
  #lost = new WeakSet<SessionPoint>()

  constructor(host: SessionReadsHost) {
    this.#host = host
  }

  /** Tells whether a replica may answer a read that has to see this point. */
  fitFor(point: SessionPoint): (replica: ReplicaConnection) => boolean {
    const fit = (replica: ReplicaConnection): boolean => this.#points.holds(replica.key, point)
    this.#tellLost(point)
    if (!this.#asking && this.#timer === undefined && !this.#host.replicas().every(fit)) void this.#ask(point)
    return fit
  }

  /** The connection to this replica is new. */
  forget(replica: ReplicaConnection): void {
    this.#points.forget(replica.key)
  }

  /** The primary is another node. */
  forgetAll(): void {
    this.#generation += 1
    this.#points.forgetAll()
  }

  async #ask(point: SessionPoint): Promise<void> {
    this.#asking = true
    const generation = this.#generation
    const replicas = this.#host.replicas()
    this.#points.keepOnly(replicas.map(({ key }) => key))
    await Promise.all(replicas.map((replica) => this.#askReplica(replica, generation)))
    if (replicas.some(({ key }) => this.#points.needsPrimary(key, point))) await this.#askPrimary(generation)
    this.#tellLost(point)
    this.#asking = false
    this.#timer = setTimeout(() => {
      this.#timer = undefined
    }, ASK_EVERY_MS)
    this.#timer.unref()
  }

  // A user without the right to INFO, or a connection that broke: nothing is known of that node.
  async #askReplica(replica: ReplicaConnection, generation: number): Promise<void> {
    const { session } = replica
    const told = parseReplicationInfo(await replica.ask('info', 'replication').catch(() => ''))
    if (told?.role === 'replica' && generation === this.#generation && session === replica.session)
      this.#points.replicaTold(replica.key, told)
  }

  async #askPrimary(generation: number): Promise<void> {
    const told = parseReplicationInfo((await this.#host.askPrimary('info', 'replication')?.catch(() => '')) ?? '')
    if (told?.role === 'primary' && generation === this.#generation) this.#points.primaryTold(told)
  }

  /** Once for each with(). */
  #tellLost(point: SessionPoint): void {
    const lostBytes = this.#points.lostBytes(point)
    if (lostBytes === undefined || this.#lost.has(point)) return
    this.#lost.add(point)
    this.#host.onLost(point, lostBytes)
  }
}
