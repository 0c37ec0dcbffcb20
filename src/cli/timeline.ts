import type { Colors } from 'picocolors/types'
import type { FailoverTimeline } from '../index.js'
import { formatAddress } from './address.js'

/** What people read of a failover: who said and did what when, and a last line with what it came to. */
export function renderTimeline(timeline: FailoverTimeline, colour: Colors): string {
  const widest = Math.max(0, ...timeline.entries.map(({ who }) => who.length))
  const lines = timeline.entries.map(({ afterMs, who, what, detail }) => {
    const at = `${afterMs.toFixed(1)} ms`.padStart(12)
    return `${at}  ${who.padEnd(widest)}  ${what}${detail === undefined ? '' : `  ${colour.dim(detail)}`}`
  })
  return [...lines, '', sumUp(timeline, colour)].join('\n')
}

/** One line: from where to where, how long it took, and what it meant for this client's calls. */
export function sumUp(timeline: FailoverTimeline, colour: Colors): string {
  const { outcome, from, to, epoch, startedAt, endedAt, held, retried, unknown } = timeline
  const took = `${Math.round(endedAt - startedAt)} ms`
  const where = `${from === undefined ? 'no primary' : formatAddress(from)} → ${to === undefined ? 'no primary' : formatAddress(to)}`
  const calls = `${held} calls waited, ${retried} were sent again, ${unknown} are of unknown outcome`
  return outcome === 'moved'
    ? `${colour.green('moved')}  ${where} in ${took}, epoch ${epoch}; ${calls}`
    : `${colour.yellow('called off')}  the primary is still ${from === undefined ? 'unknown' : formatAddress(from)} after ${took}; ${calls}`
}

export function timelineJson(timeline: FailoverTimeline): object {
  const { from, to, ...rest } = timeline
  return {
    ...rest,
    from: from === undefined ? null : formatAddress(from),
    to: to === undefined ? null : formatAddress(to)
  }
}
