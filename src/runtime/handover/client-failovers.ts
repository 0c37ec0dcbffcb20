import type { FailoverTimeline } from '../../events.js'
import { Limit } from '../limit.js'
import type { Lease } from '../registry.js'
import type { FailoverHost } from './failover-host.js'
import type { ResolvedFailover } from './failover-options.js'
import type { PlannedFailoverHost } from './planned-failover.js'
import { plannedFailover } from './planned-failover.js'

export interface ClientFailoversHost extends Pick<FailoverHost, 'group' | 'open' | 'did'> {
  /** Follows the group for as long as a failover takes, whatever the client does meanwhile. */
  follow(): Lease
}

/** The failovers that one client was asked for; the second and later ones at a time are refused in a moment. */
export class ClientFailovers {
  readonly #host: ClientFailoversHost
  readonly #running = new Set<{
    readonly callOff: Limit
    readonly ended: AbortController
    readonly over: Promise<unknown>
  }>()
  readonly #listeners = new Set<(timeline: FailoverTimeline) => void>()

  constructor(host: ClientFailoversHost) {
    this.#host = host
  }

  /** Fails the group over. Rejects with FailoverFailedError. */
  async run(options: ResolvedFailover): Promise<FailoverTimeline> {
    const { group, open, did } = this.#host
    const lease = this.#host.follow()
    const { watch } = lease
    const ended = new AbortController()
    const host: PlannedFailoverHost = {
      group,
      ended: ended.signal,
      open,
      did,
      topology: () => watch.topology,
      askSentinel: (key, ...words) => watch.askSentinel(key, words),
      holdWrites: () => watch.parties.hold(),
      releaseWrites: () => {
        watch.parties.release()
      },
      onTimeline: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      }
    }
    const callOff = new Limit({ and: options.signal })
    const over = watch.parties.alone(group, () => plannedFailover(host, { ...options, signal: callOff.signal }))
    const running = { callOff, ended, over }
    this.#running.add(running)
    try {
      return await over
    } finally {
      callOff.end()
      this.#running.delete(running)
      lease.release()
    }
  }

  /** The client has followed a failover to its end. */
  followed(timeline: FailoverTimeline): void {
    for (const listener of this.#listeners) listener(timeline)
  }

  /** The client is ended: calls off what can be called off, and waits no longer for what this client would have to follow. */
  stop(reason: Error): void {
    void this.end(reason)
    for (const { ended } of this.#running) ended.abort()
  }

  /** Calls off what can be called off; resolves when it is undone, or done. */
  async end(reason: Error): Promise<void> {
    const running = [...this.#running]
    for (const { callOff } of running) callOff.abort(reason)
    await Promise.allSettled(running.map(({ over }) => over))
  }
}
