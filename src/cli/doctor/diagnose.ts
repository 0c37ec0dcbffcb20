import type { Examination } from './examination.js'
import type { Finding, Rule, Severity } from './rule.js'
import { RULES } from './rules/all.js'

const WORST_FIRST: readonly Severity[] = ['error', 'warning', 'note']

/** All that the rules find, the worst first. */
export function diagnose(examination: Examination, rules: readonly Rule[] = RULES): readonly Finding[] {
  const findings = rules.flatMap(({ code, severity, meaning, remedy, find }) =>
    find(examination).map(({ at, evidence, fill }) => ({
      code,
      severity,
      meaning,
      ...(at !== undefined && { at }),
      evidence,
      remedy: filled(remedy, { name: examination.name, ...fill })
    }))
  )
  return findings.toSorted((a, b) => WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity))
}

function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, word: string) => String(values[word] ?? whole))
}
