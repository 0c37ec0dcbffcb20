import type { Logger } from 'pino'
import { AccessError } from '../errors.js'
import type { FailoverTimeline, SubscriptionGap } from '../events.js'
import type { Address } from '../protocol/address.js'
import type { Topology } from '../topology/topology.js'
import { Repeats } from './repeats.js'
import { ReplicaLog } from './replica-log.js'
import { StandstillLog } from './standstill-log.js'
import { describePhase, timelineLines } from './timeline.js'
import { Troubles } from './troubles.js'

/** What one client tells its log. From `info` up every line is listed in docs/logging.md. */
export class ClientLog {
  readonly replicas: ReplicaLog
  readonly standstill: StandstillLog
  readonly #log: Logger
  readonly #troubles = new Troubles()
  readonly #repeats = new Repeats()

  constructor(log: Logger, isPrimary: (address: Address) => boolean) {
    this.#log = log
    this.replicas = new ReplicaLog(log, isPrimary)
    this.standstill = new StandstillLog(log)
  }

  failoverBegins({ phase, primary }: Topology): void {
    this.#log.debug({ phase: describePhase(phase), primary: primary?.address }, 'failover begins')
  }

  failoverOver(timeline: FailoverTimeline): void {
    const { outcome, from, to, epoch, held, longestHoldMs, retried, unknown, startedAt, endedAt } = timeline
    const figures = { outcome, from, to, epoch, held, longestHoldMs, retried, unknown, tookMs: endedAt - startedAt }
    this.#log.info({ ...figures, timeline: timelineLines(timeline.entries) }, 'failover over')
  }

  missed(gap: SubscriptionGap): void {
    this.#limited('subscriptions', (repeats) => {
      this.#log.info({ ...gap, ...repeats }, 'subscriptions are back')
    })
  }

  sessionLost(session: string, lostBytes: number): void {
    this.#limited('session', (repeats) => {
      this.#log.warn({ session, lostBytes, ...repeats }, 'the primary has lost writes that a session had seen')
    })
  }

  noFailover(holdLimitMs: number): void {
    this.#limited('no failover', (repeats) => {
      this.#log.warn({ holdLimitMs, ...repeats }, 'no failover came of it: writes go to the primary again')
    })
  }

  trouble(error: Error): void {
    if (!this.#troubles.isNews(error.message, performance.now())) return
    if (error instanceof AccessError) this.#log.warn({ err: error }, 'a server does not let this client in')
    else this.#log.debug({ err: error }, 'a server cannot be used')
  }

  /** This server is well: what was said about it is over. */
  isWell(server: string): void {
    this.#troubles.over(server)
  }

  lagForbidden(answer: string, maxLagMs: number): void {
    this.#log.warn({ answer, maxLagMs }, 'replicas are not read from: maxLagMs needs the right to INFO at all nodes')
  }

  stop(): void {
    this.replicas.stop()
    this.standstill.stop()
  }

  /** Once a minute, with how often it was left out since. */
  #limited(what: string, tell: (repeats: { readonly repeats?: number }) => void): void {
    const leftOut = this.#repeats.next(what, performance.now())
    if (leftOut !== undefined) tell(leftOut > 0 ? { repeats: leftOut } : {})
  }
}
