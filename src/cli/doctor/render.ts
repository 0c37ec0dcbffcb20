import type { Colors } from 'picocolors/types'
import { hanging } from '../hanging.js'
import type { Examination } from './examination.js'
import type { Finding, Severity } from './rule.js'

/** What people read: each kind of finding once, with all that was read of it, and a last line with what it comes to. `columns`: of a terminal. */
export function renderFindings(
  examination: Examination,
  findings: readonly Finding[],
  colour: Colors,
  columns?: number
): string {
  const codes = [...new Set(findings.map(({ code }) => code))]
  const blocks = codes.map((code) =>
    renderKind(
      findings.filter((finding) => finding.code === code),
      colour,
      columns
    )
  )
  return [`${colour.bold(examination.name)}  ${examinedText(examination)}`, ...blocks, lastLine(findings, colour)].join(
    '\n\n'
  )
}

function renderKind(findings: readonly Finding[], colour: Colors, columns: number | undefined): string {
  const [{ severity, code, meaning } = { severity: 'note' as const, code: '', meaning: '' }] = findings
  const remedies = [...new Set(findings.map(({ remedy }) => remedy))]
  return [
    `${painted(severity, severity, colour)}  ${colour.bold(code)}`,
    hanging('  ', meaning, columns),
    ...findings.map(({ at, evidence }) =>
      hanging(`  ${colour.dim('read  ')}  `, `${at === undefined ? '' : `${at}: `}${evidence}`, columns)
    ),
    ...remedies.map((remedy) => hanging(`  ${colour.dim('remedy')}  `, remedy, columns))
  ].join('\n')
}

function painted(text: string, severity: Severity, colour: Colors): string {
  if (severity === 'error') return colour.red(text)
  return severity === 'warning' ? colour.yellow(text) : colour.cyan(text)
}

function examinedText({ sentinels, nodes }: Examination): string {
  const of = (servers: Examination['sentinels' | 'nodes'], what: string): string =>
    `${servers.filter((one) => 'facts' in one).length} of ${servers.length} ${what}`
  return `${of(sentinels, 'sentinels')} and ${of(nodes, 'nodes')} examined`
}

function lastLine(findings: readonly Finding[], colour: Colors): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length
  const text = (['error', 'warning', 'note'] as const)
    .map((severity) => `${count(severity)} ${severity}${count(severity) === 1 ? '' : 's'}`)
    .join(', ')
  const worst = findings[0]?.severity
  return worst === undefined ? colour.green('nothing found') : painted(text, worst, colour)
}

/** What programs read. */
export function findingsJson(examination: Examination, findings: readonly Finding[]): object {
  const told = (servers: Examination['sentinels' | 'nodes']): object[] =>
    servers.map((one) => ({ address: one.key, error: 'unreachable' in one ? one.unreachable : null }))
  return {
    name: examination.name,
    worst: findings[0]?.severity ?? null,
    examined: { sentinels: told(examination.sentinels), nodes: told(examination.nodes) },
    findings: findings.map(({ at, ...finding }) => ({ ...finding, at: at ?? null }))
  }
}
