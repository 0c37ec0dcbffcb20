import type { GroupView, NodeNumbers, NodeView, TimelineReport } from '../../../dashboard/messages.js'
import { refusesInfo } from '../../../dashboard/refusal.js'

const NOTHING = '–'
const KIB = 1024

/** A whole number with separators; a dash for what is not known. */
export function count(value: number | null): string {
  return value === null ? NOTHING : Math.round(value).toLocaleString('en-US')
}

/** `12 B`, `3.4 KiB`, `1.2 GiB`. */
export function bytes(value: number | null): string {
  if (value === null) return NOTHING
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log(value) / Math.log(KIB)))
  const scaled = value / KIB ** power
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power] ?? ''}`
}

/** `0.31 ms`, `12 ms`, `1.4 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return NOTHING
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(2)} ms`
}

/** The time of day, to the millisecond, where the reader is. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** So much of a long name that it fits; what tells names apart is at their beginning and at their end. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  const tail = Math.floor((most - 1) / 2)
  return `${text.slice(0, most - 1 - tail)}…${text.slice(text.length - tail)}`
}

/** As much of the beginning as fits. */
export function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** The drawing in a sentence, for who does not see it. */
export function describeGroup({ name, phaseText, nodes, sentinels }: GroupView): string {
  const primary = nodes.find(({ role }) => role === 'primary')
  const replicas = nodes.filter(({ role }) => role === 'replica')
  const down = [...nodes.filter(({ state }) => state === 'down'), ...sentinels.filter(({ reachable }) => !reachable)]
  return [
    `${name}: ${phaseText}`,
    primary === undefined ? 'no primary' : `primary ${primary.address}`,
    `${replicas.length} ${replicas.length === 1 ? 'replica' : 'replicas'}`,
    `${sentinels.length} ${sentinels.length === 1 ? 'sentinel' : 'sentinels'}`,
    ...(down.length === 0 ? [] : [`down: ${down.map(({ address }) => address).join(', ')}`])
  ].join('; ')
}

/** Nobody doubts it, and it tells this tool nothing: the sentinels will, or it is only out of reach from here, or refuses to. */
export function isMute({ state, numbers }: NodeView): boolean {
  return state === 'up' && numbers.error !== ''
}

/** How much a node does and how fast it answers, for its box. */
export function figures({ error, opsPerSecond, roundTripMs }: NodeNumbers): string {
  if (error !== '') return refusesInfo(error) ? 'refuses INFO' : 'does not answer'
  return roundTripMs === null ? 'not heard yet' : `${count(opsPerSecond)} ops/s · ${duration(roundTripMs)}`
}

/** What is said of a node in its box and its row. */
export function nodeNote(node: NodeView): string {
  if (node.candidate) return 'chosen to be the new primary'
  if (node.note !== '') return node.note
  const { error } = node.numbers
  if (error === '') return ''
  return refusesInfo(error) ? `refuses INFO: ${error}` : `does not answer this tool: ${error}`
}

/** What is asked before a fault is done to a group of somebody's. */
export function faultQuestion(fault: string, description: string, { name, nodes }: GroupView): string {
  const primary = nodes.find(({ role }) => role === 'primary')?.address ?? 'none'
  return `Do "${fault.replaceAll('-', ' ')}" on "${name}" (primary ${primary})? ${description}.`
}

/** `moved  a → b in 1.4 s, epoch 3`, and what it meant for the tool's own calls. */
export function sumUp(timeline: TimelineReport): { readonly title: string; readonly calls: string } {
  const { outcome, from, to, startedAt, endedAt, epoch, held, longestHoldMs, retried, unknown } = timeline
  const took = duration(endedAt - startedAt)
  return {
    title:
      outcome === 'moved'
        ? `${from ?? 'no primary'} → ${to ?? 'no primary'} in ${took}, epoch ${epoch}`
        : `called off after ${took}; the primary is still ${from ?? 'unknown'}`,
    calls:
      held + retried + unknown === 0
        ? 'no call of this tool was touched'
        : `${count(held)} calls waited, ${duration(longestHoldMs)} at most; ${count(retried)} sent again; ${count(unknown)} of unknown outcome`
  }
}
