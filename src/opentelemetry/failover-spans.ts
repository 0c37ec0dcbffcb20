import { type Attributes, ROOT_CONTEXT, SpanKind, type Tracer } from '@opentelemetry/api'
import type { AnySentinelRedis, FailoverTimeline, TimelineEntry } from '../index.js'
import { formatAddress, type OwnLabels } from '../metrics/label.js'
import { DB, OWN } from './attributes.js'

/** An SDK by default keeps 128 events of a span, the latest: the beginning of a failover is its most telling part. */
const MOST_EVENTS = 120

/** A span for each failover, when it is over: nobody's child, as long as it took, with what was said and done as its events. */
export function followFailovers(tracer: Tracer, client: AnySentinelRedis, labels: OwnLabels): () => void {
  const onFailover = (timeline: FailoverTimeline): void => {
    const span = tracer.startSpan(
      'failover',
      {
        kind: SpanKind.INTERNAL,
        root: true,
        startTime: timeline.startedAt,
        attributes: attributesOf(timeline, labels)
      },
      ROOT_CONTEXT
    )
    for (const { what, who, detail, at } of keptOf(timeline.entries))
      span.addEvent(what, { [`${OWN}who`]: who, ...(detail !== undefined && { [`${OWN}detail`]: detail }) }, at)
    span.end(timeline.endedAt)
  }
  client.on('failover', onFailover)
  return () => {
    client.off('failover', onFailover)
  }
}

function attributesOf(timeline: FailoverTimeline, { group, client }: OwnLabels): Attributes {
  const { outcome, from, to, epoch, held, longestHoldMs, retried, unknown } = timeline
  const own: Attributes = {
    group,
    client,
    outcome,
    epoch,
    held,
    longest_hold_ms: longestHoldMs,
    retried,
    unknown,
    ...(from !== undefined && { from: formatAddress(from) }),
    ...(to !== undefined && { to: formatAddress(to) })
  }
  return {
    [DB.system]: 'redis',
    ...(to !== undefined && { [DB.serverAddress]: to.host, [DB.serverPort]: to.port }),
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [OWN + name, value]))
  }
}

function keptOf(entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  if (entries.length <= MOST_EVENTS) return entries
  return [...entries.slice(0, MOST_EVENTS / 2), ...entries.slice(-MOST_EVENTS / 2)]
}
