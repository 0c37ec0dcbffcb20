import type { FailoverTimeline } from '../../index.js'
import type { LedgerReport } from '../../testkit/index.js'
import { formatAddress } from '../address.js'
import { mergeTimeline, type Moment } from '../report/moments.js'

interface Told {
  /** The drill's own. */
  readonly course: readonly Moment[]
  readonly timelines: readonly FailoverTimeline[]
  readonly report: LedgerReport
}

/** All that happened, in one order: what the drill did, what the writer's client reported, and when writes were acknowledged again. */
export function drillMoments({ course, timelines, report }: Told): Moment[] {
  const promotions = timelines.flatMap((timeline): Moment[] => {
    const promoted = promotionIn(timeline)
    return promoted === undefined ? [] : [promoted]
  })
  const [first] = promotions
  const firstAckMs = first === undefined ? undefined : report.firstAckAfter(first.at)
  const firstAck: Moment[] =
    first === undefined || firstAckMs === undefined
      ? []
      : [{ at: first.at + firstAckMs, who: 'writer', what: 'first ack after it', kind: 'first-ack' }]
  return mergeTimeline([...course, ...promotions, ...firstAck], timelines)
}

/** When the writer's client saw that the node it went to is the primary, or, where it was told so, when it went there. */
function promotionIn({ entries, to, outcome }: FailoverTimeline): Moment | undefined {
  if (to === undefined || outcome !== 'moved') return undefined
  const who = `node ${formatAddress(to)}`
  const seen =
    entries.find((entry) => entry.who === who && entry.what === 'role primary') ??
    entries.find((entry) => entry.what === 'moved')
  return seen === undefined ? undefined : { at: seen.at, who, what: 'promotion', kind: 'promotion' }
}
