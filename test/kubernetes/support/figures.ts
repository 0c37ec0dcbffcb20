import { appendFileSync } from 'node:fs'
import type { WriterReport } from '../harness/client/writer-report.js'

/** What one run of one hazard came to. */
export interface Figures {
  readonly hazard: string
  readonly overlay: string
  /** Its file below test/kubernetes, without the end of its name: what `--only` takes. */
  readonly file: string
  /** Seconds from the fault to the agreement of all. */
  readonly untilAgreedSeconds: number
  readonly acked: number
  readonly lost: number
  readonly failed: number
  readonly unknown: number
  /** Those of at least 500 ms, in milliseconds. */
  readonly gapsMs: readonly number[]
}

export function toFigures(
  of: Pick<Figures, 'hazard' | 'overlay' | 'file'>,
  report: WriterReport,
  untilAgreedSeconds: number
): Figures {
  const { acked, lost, failed, unknown, gaps } = report
  const gapsMs = gaps.map(({ ms }) => ms)
  return { ...of, untilAgreedSeconds, acked, lost: lost.length, failed, unknown, gapsMs }
}

/** Adds one line to the file that KUBERNETES_FIGURES names, if it names one. */
export function recordFigures(figures: Figures): void {
  const file = process.env['KUBERNETES_FIGURES']
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(figures)}\n`)
}
