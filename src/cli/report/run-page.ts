import { escapeHtml } from './escape.js'
import { type Marks, timelineMarks } from './timeline-marks.js'
import { type Moment, TIMELINE_HEAD, timelineRows } from './moments.js'
import { renderPage, type Section, tableHtml } from './page.js'
import { plotHtml } from './plot-html.js'
import { type DrawnCall, latencyPlot, promotionPlot, throughputPlot } from './traffic-plots.js'

/** `fail` decides the verdict; `told` is worth knowing and decides nothing. */
export type RowState = 'pass' | 'fail' | 'told'

export interface JudgedRow {
  readonly what: string
  readonly figure: string
  /** What is allowed, in words. */
  readonly budget: string
  readonly state: RowState
}

/** What traffic lived through, and what is thought of it. */
export interface RunStory {
  readonly title: string
  /** Under the title: when it was, and what was done. */
  readonly subtitle: string
  readonly verdict: { readonly pass: boolean; readonly line: string; readonly notes: readonly string[] }
  /** Side by side where there is room. */
  readonly judged: readonly (readonly JudgedRow[])[]
  /** Where the plots have their 0. Milliseconds since 1970. */
  readonly faultAt: number
  readonly calls: readonly DrawnCall[]
  readonly moments: readonly Moment[]
  /** What one needs to know, or to type, to see the same again. */
  readonly environment: readonly (readonly [what: string, value: string])[]
  readonly sections?: readonly Section[]
}

/** The page of one run. Its first screenful tells the story: the verdict in a line, the picture, and all that was judged. */
export function runPage(run: RunStory): string {
  const { verdict, moments, faultAt, calls } = run
  const marks = timelineMarks(moments, faultAt, 1000)
  const promotedAt = moments.find((moment) => moment.kind === 'promotion')?.at
  return renderPage({
    title: run.title,
    lead: `<p class="faint">${escapeHtml(run.subtitle)}</p>
<p class="verdict ${verdict.pass ? 'pass' : 'fail'}"><strong>${escapeHtml(verdict.line)}</strong></p>
${isAnswered(calls) ? plotHtml(throughputPlot(calls, faultAt, marks, focusOf(faultAt, promotedAt))) : ''}
<div class="judged">${run.judged.map(judgedHtml).join('')}</div>
${verdict.notes.map((note) => `<p class="faint">${escapeHtml(note)}</p>`).join('\n')}`,
    sections: [
      ...(isAnswered(calls) ? [latencySection(run, promotedAt, marks)] : []),
      timelineSection(moments, faultAt),
      {
        heading: 'Environment',
        html: tableHtml(['what', 'value'], run.environment)
      },
      ...(run.sections ?? [])
    ]
  })
}

/** Without an answer there is nothing to draw. */
function isAnswered(calls: readonly DrawnCall[]): boolean {
  return calls.some(({ kind, outcome }) => kind !== 'heartbeat' && outcome === 'ok')
}

const BEFORE_S = 1
const AFTER_PROMOTION_S = 2.5

/** The seconds around the fault and the promotion, in which the writes pause and the sentinels act. */
function focusOf(faultAt: number, promotedAt: number | undefined): readonly [number, number] | undefined {
  return promotedAt === undefined ? undefined : [-BEFORE_S, (promotedAt - faultAt) / 1000 + AFTER_PROMOTION_S]
}

function latencySection({ calls, moments, faultAt }: RunStory, promotedAt: number | undefined, marks: Marks): Section {
  const around =
    promotedAt === undefined ? '' : plotHtml(promotionPlot(calls, promotedAt, timelineMarks(moments, promotedAt, 1)))
  return { heading: 'How long each call took', html: around + plotHtml(latencyPlot(calls, faultAt, marks)) }
}

function timelineSection(moments: readonly Moment[], faultAt: number): Section {
  const own = moments.map((moment) => (moment.kind === undefined ? undefined : 'mine'))
  const table = tableHtml(TIMELINE_HEAD, timelineRows(moments, faultAt), own)
  return { heading: 'Who said what, when', html: `<div class="timeline">${table}</div>` }
}

const SIGNS = { pass: '✓', fail: '✗', told: '·' } as const

function judgedHtml(rows: readonly JudgedRow[]): string {
  return tableHtml(
    ['what', 'figure', 'allowed'],
    rows.map((row) => [`${SIGNS[row.state]} ${row.what}`, row.figure, row.budget]),
    rows.map((row) => row.state)
  )
}
