import { FailoverFailedError } from '../../errors.js'
import type { FailoverTimeline, TimelineEntry } from '../../events.js'
import { sameAddress } from '../../protocol/address.js'
import { pause } from '../backoff.js'
import { Limit } from '../limit.js'
import { coordinatedFailover } from './coordinated-failover.js'
import type { FailoverHost } from './failover-host.js'
import type { ResolvedFailover } from './failover-options.js'
import { askForFailover } from './manual-failover.js'

export interface PlannedFailoverHost extends FailoverHost {
  /** Tells each failover that this client has followed to its end. Returns what ends that. */
  onTimeline(listener: (timeline: FailoverTimeline) => void): () => void
  /** Aborted when the client is ended: it follows no failover to its end any more. */
  readonly ended: AbortSignal
}

interface Step {
  readonly at: number
  readonly what: string
  readonly detail?: string
}

/** After the new primary is there, so long may this client take to write to it. */
const FOLLOW_WITHIN_MS = 5_000

/** Fails the group over as asked, and gives the report of it, with what was done after this client's writes flowed again at its end. */
export async function plannedFailover(host: PlannedFailoverHost, options: ResolvedFailover): Promise<FailoverTimeline> {
  const steps: Step[] = []
  const noting: FailoverHost = {
    ...host,
    did: (at, what, detail) => {
      steps.push({ at, what, ...(detail === undefined ? {} : { detail }) })
      host.did(at, what, detail)
    }
  }
  const timelines = new Timelines(host)
  try {
    const manual = options.mode === 'manual'
    const to = manual ? await askForFailover(noting, options) : await coordinatedFailover(noting, options)
    const timeline = await timelines.next(
      (one) => to === undefined || sameAddress(one.to, to),
      manual ? options.timeoutMs : FOLLOW_WITHIN_MS,
      host.ended
    )
    if (timeline?.outcome !== 'moved') throw notFollowed(host, options, timeline)
    return withSteps(timeline, steps)
  } finally {
    timelines.stop()
  }
}

/** What this client reports, from before the failover is asked for: it may be over for this client before it is for all. */
class Timelines {
  readonly stop: () => void
  readonly #told: FailoverTimeline[] = []
  #heard = (): void => undefined

  constructor(host: PlannedFailoverHost) {
    this.stop = host.onTimeline((timeline) => {
      this.#told.push(timeline)
      this.#heard()
    })
  }

  async next(
    wanted: (timeline: FailoverTimeline) => boolean,
    withinMs: number,
    ended: AbortSignal
  ): Promise<FailoverTimeline | undefined> {
    if (!this.#told.some(wanted)) {
      const heard = new Limit({ and: ended })
      this.#heard = () => {
        if (this.#told.some(wanted)) heard.abort()
      }
      await pause(withinMs, heard.signal)
      heard.end()
    }
    return this.#told.findLast(wanted)
  }
}

function withSteps(timeline: FailoverTimeline, steps: readonly Step[]): FailoverTimeline {
  const { entries, startedAt } = timeline
  const later = steps.filter(({ at, what }) => !entries.some((entry) => entry.what === what && entry.at === at))
  const all = later.map((step): TimelineEntry => ({ ...step, afterMs: step.at - startedAt, who: 'client' }))
  return { ...timeline, entries: [...entries, ...all.filter(({ at }) => at >= startedAt)].sort((a, b) => a.at - b.at) }
}

function notFollowed(
  host: PlannedFailoverHost,
  { mode, timeoutMs }: ResolvedFailover,
  timeline: FailoverTimeline | undefined
): FailoverFailedError {
  const waitedMs = mode === 'manual' ? timeoutMs : FOLLOW_WITHIN_MS
  const why = host.ended.aborted
    ? 'this client was closed, and cannot tell how it ended'
    : timeline === undefined
      ? `this client does not write to a new primary after ${waitedMs} ms`
      : 'the sentinels called it off, and the primary is the same as before'
  return new FailoverFailedError(`failover of "${host.group}" stopped at "follow": ${why}`, {
    group: host.group,
    stage: 'in-flight',
    step: 'follow',
    primary: timeline !== undefined ? 'unchanged' : mode === 'coordinated' ? 'moved' : 'unknown',
    phase: host.topology().phase.kind
  })
}
