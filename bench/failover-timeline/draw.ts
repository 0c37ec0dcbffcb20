import type { RecordedCall, RecordedEntry, Recording } from './recording.js'
import { COLOURS, frameOf, round, words } from './svg.js'

/** What part of a recording is drawn, in milliseconds after the fault, and how far apart the marks of the axis are. */
export interface Frame {
  readonly from: number
  readonly to: number
  readonly every: number
  /** The longest wait that the plot has room for. */
  readonly mostMs: number
  readonly events: readonly (readonly [what: RegExp, label: string])[]
}

const LEFT = 104
const ROW = 17
const PLOT = 170
const { width: WIDTH, right: RIGHT } = frameOf

/** One part of a recording as an SVG, which looks the same on a light and on a dark page. */
export function draw(recording: Recording, frame: Frame): string {
  const x = (at: number): number =>
    LEFT +
    ((Math.min(Math.max(at, frame.from), frame.to) - frame.from) / (frame.to - frame.from)) * (WIDTH - LEFT - RIGHT)
  const parts: string[] = []
  let y = 16

  y = servers(parts, recording, frame, x, y)
  y = phases(parts, recording, frame, x, y)
  y = labels(parts, recording, frame, x, y)
  y = calls(parts, recording, frame, x, y + 8)
  y = axis(parts, frame, x, y)
  const title = `A failover: calls and events from ${frame.from} to ${frame.to} ms after the primary was killed`
  return frameOf.svg(title, y, parts)
}

type Scale = (at: number) => number

function servers(parts: string[], recording: Recording, { from, to }: Frame, x: Scale, top: number): number {
  const promotedAt = firstSeenAsPrimary(recording)
  const rows = [
    { name: 'old primary', spans: [{ from, to: 0, colour: COLOURS.primary, text: 'primary' }] },
    {
      name: 'new primary',
      spans: [
        { from, to: promotedAt, colour: COLOURS.replica, text: 'replica' },
        { from: promotedAt, to, colour: COLOURS.primary, text: 'primary' }
      ]
    }
  ]
  rows.forEach(({ name, spans }, index) => {
    const y = top + index * ROW
    parts.push(words(8, y + 9, name))
    for (const span of spans) if (span.to > from) parts.push(bar(x(span.from), x(span.to), y, span.colour, span.text))
  })
  if (from < 0) parts.push(words(x(0) + 4, top + 9, '✕ killed', { colour: COLOURS.failover }))
  return top + rows.length * ROW
}

/** Two ask the new primary again and again, the client and the benchmark: it was promoted when the first of them heard so. */
function firstSeenAsPrimary({ promotedAt, entries }: Recording): number {
  const told = entries.find(({ who, what }) => who === 'node new' && what === 'role primary')
  return Math.min(promotedAt, told?.at ?? promotedAt)
}

function phases(parts: string[], { entries }: Recording, { from, to }: Frame, x: Scale, y: number): number {
  const changes = entries.filter(({ what }) => what === 'phase')
  const named = (entry: RecordedEntry): string => /^[a-z]+/.exec(entry.detail ?? '')?.[0] ?? ''
  const seen = [{ at: from, phase: 'stable' }, ...changes.map((entry) => ({ at: entry.at, phase: named(entry) }))]
  // A phase that is told again, with another reason, goes on.
  const spans = seen.filter(({ phase }, index) => phase !== seen[index - 1]?.phase)
  parts.push(words(8, y + 9, 'client’s phase'))
  spans.forEach(({ at, phase }, index) => {
    const end = spans[index + 1]?.at ?? to
    const colour = phase === 'stable' || phase === 'suspect' || phase === 'failover' ? COLOURS[phase] : COLOURS.old
    if (end > from && at < to && end > at) parts.push(bar(x(at), x(end), y, colour, phase))
  })
  return y + ROW
}

/** Each event's word in the first row in which it is clear of the others, with a line to its moment. */
function labels(parts: string[], { entries }: Recording, frame: Frame, x: Scale, top: number): number {
  const rows: { from: number; to: number }[][] = []
  const placed: { at: number; row: number; label: string; isRight: boolean }[] = []
  const found = frame.events.flatMap(([what, label]) => {
    const entry = entries.find((one) => what.test(`${one.who} ${one.what} ${one.detail ?? ''}`))
    if (entry === undefined) throw new Error(`the recording has no entry ${what.source}`)
    return entry.at >= frame.from && entry.at <= frame.to ? [{ at: entry.at, label }] : []
  })
  for (const { at, label } of found.sort((a, b) => a.at - b.at)) {
    const width = label.length * 6.4 + 10
    const isRight = x(at) + width > WIDTH - RIGHT
    const [from, to] = isRight ? [x(at) - width, x(at)] : [x(at), x(at) + width]
    const free = rows.findIndex((row) => row.every((other) => other.to < from || other.from > to))
    const row = free === -1 ? rows.length : free
    rows[row] = [...(rows[row] ?? []), { from, to }]
    placed.push({ at, row, label, isRight })
  }
  const bottom = top + 10 + rows.length * ROW
  for (const { at, row, label, isRight } of placed) {
    const y = top + 20 + row * ROW
    parts.push(
      `<path d="M${round(x(at))} ${y - 9}V${bottom + PLOT + 8}" stroke="${COLOURS.line}"/>`,
      isRight ? words(x(at) - 3, y, label, { anchor: 'end' }) : words(x(at) + 3, y, label)
    )
  }
  return bottom
}

function calls(parts: string[], recording: Recording, frame: Frame, x: Scale, top: number): number {
  const y = (ms: number): number => top + PLOT - (Math.min(ms, frame.mostMs) / frame.mostMs) * (PLOT - 12)
  parts.push(words(8, top + 32, 'how long a'), words(8, top + 46, 'call waited'))
  for (const share of [0, 0.5, 1]) {
    const ms = frame.mostMs * share
    parts.push(
      `<path d="M${LEFT} ${round(y(ms))}H${WIDTH - RIGHT}" stroke="${COLOURS.line}"/>`,
      words(LEFT - 6, y(ms) + 4, `${ms} ms`, { colour: COLOURS.faint, anchor: 'end' })
    )
  }
  const kinds = [
    ['writes', recording.writes],
    ['reads', recording.reads]
  ] as const
  kinds.forEach(([kind, made], index) => {
    parts.push(
      dots(
        made.filter(([issuedAt]) => issuedAt >= frame.from && issuedAt <= frame.to),
        COLOURS[kind],
        x,
        y
      ),
      `<circle cx="14" cy="${top + 114 + index * 16}" r="3" fill="${COLOURS[kind]}"/>`,
      words(22, top + 118 + index * 16, kind)
    )
  })
  return top + PLOT
}

function dots(made: readonly RecordedCall[], colour: string, x: Scale, y: Scale): string {
  const each = made.map(
    ([issuedAt, settledAt]) => `<circle cx="${round(x(issuedAt))}" cy="${round(y(settledAt - issuedAt))}" r="1.8"/>`
  )
  return `<g fill="${colour}">${each.join('')}</g>`
}

function axis(parts: string[], { from, to, every }: Frame, x: Scale, top: number): number {
  for (let at = Math.ceil(from / every) * every; at <= to; at += every)
    parts.push(
      `<path d="M${round(x(at))} ${top}v5" stroke="${COLOURS.faint}"/>`,
      words(x(at), top + 18, `${at}`, { colour: COLOURS.faint, anchor: 'middle' })
    )
  parts.push(
    words(WIDTH - RIGHT, top + 34, 'milliseconds after the kill; each dot is a call, at the moment it was made', {
      colour: COLOURS.faint,
      anchor: 'end'
    })
  )
  return top + 42
}

function bar(from: number, to: number, y: number, colour: string, label: string): string {
  const width = to - from
  const fits = label.length * 6.6 + 6 < width
  const ink = colour === COLOURS.replica ? COLOURS.ink : '#ffffff'
  return `<rect x="${round(from)}" y="${y - 2}" width="${round(width)}" height="${ROW - 3}" fill="${colour}"/>${
    fits ? words(from + 4, y + 9, label, { colour: ink }) : ''
  }`
}
