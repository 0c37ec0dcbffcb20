import type { ProgramProcess } from './program-process.js'

const RATE_WINDOW_MS = 1000
/** Records come in batches, so the very last moment is not complete yet. */
const INCOMPLETE_MS = 120

/** One line: what the demo does, who is primary, what flows. */
export function statusLine(phase: string, writer: ProgramProcess, reader: ProgramProcess): string {
  const parts = [
    phase.padEnd(18),
    `primary ${writer.state?.primary ?? 'none'} (${writer.state?.phase ?? 'unknown'})`,
    `${perSecond(writer, 'write')} writes/s`,
    `${perSecond(reader, 'read')} reads/s`,
    `${writer.state?.held ?? 0} held`
  ]
  return parts.join('  ')
}

function perSecond(program: ProgramProcess, kind: 'write' | 'read'): number {
  const until = Date.now() - INCOMPLETE_MS
  const since = until - RATE_WINDOW_MS
  let count = 0
  for (let index = program.records.length - 1; index >= 0; index--) {
    const record = program.records[index]
    if (record === undefined) break
    const settledAt = record.issuedAt + record.latencyMs
    if (settledAt < since) break
    if (record.kind === kind && record.outcome === 'ok' && settledAt < until) count += 1
  }
  return Math.round((count * 1000) / RATE_WINDOW_MS)
}
