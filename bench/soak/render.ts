import Table from 'cli-table3'
import pc from 'picocolors'
import { median } from '../median.js'
import type { Resource, Trend } from './resources/flatness.js'
import type { SoakReport } from './run-soak.js'
import type { StepResult } from './step.js'

const STYLE = { head: [], border: [] }

/** One line a step, while it runs. */
export function renderStep(step: StepResult, failovers: number): string {
  const heap = (step.resources.heapUsed / 2 ** 20).toFixed(2)
  const facts = `${step.calls} calls, ${step.unknown} unknown, ${step.lostBefore} lost before, promoted after ${step.promotions.join(' and ') || '–'} ms, gap ${Math.round(step.writeGapMs)} ms, heap ${heap} MiB, ${step.resources.activeSockets} sockets`
  const line = `${String(step.step).padStart(4)} ${step.fault.padEnd(14)} ${String(failovers).padStart(4)} failovers  ${facts}`
  return step.violations.length === 0
    ? line
    : `${line}\n${step.violations.map((one) => pc.red(`       ${one}`)).join('\n')}`
}

/** What the clients did in each kind of fault, and what became of the resources. */
export function renderReport(report: SoakReport): string {
  return [renderFaults(report.steps), renderTrends(report.trends), verdict(report)].filter(Boolean).join('\n')
}

function renderFaults(steps: readonly StepResult[]): string {
  const table = new Table({
    head: [
      'fault',
      'steps',
      'failovers',
      'calls',
      'unknown',
      'lost before',
      'messages missed',
      'write gap ms: median',
      'worst',
      'read gap ms: worst',
      'violations'
    ],
    style: STYLE
  })
  const row = (name: string, of: readonly StepResult[]): void => {
    const sum = (field: 'calls' | 'unknown' | 'lostBefore' | 'missedMessages'): number =>
      of.reduce((total, step) => total + step[field], 0)
    const writeGaps = of.map((step) => step.writeGapMs)
    table.push([
      name,
      of.length,
      of.reduce((total, step) => total + step.promotions.length, 0),
      sum('calls'),
      sum('unknown'),
      sum('lostBefore'),
      sum('missedMessages'),
      of.length === 0 ? 0 : Math.round(median(writeGaps)),
      Math.round(Math.max(0, ...writeGaps)),
      Math.round(Math.max(0, ...of.map((step) => step.readGapMs))),
      of.reduce((total, step) => total + step.violations.length, 0)
    ])
  }
  const faults = [...new Set(steps.map((step) => step.fault))].sort()
  for (const fault of faults)
    row(
      fault,
      steps.filter((step) => step.fault === fault)
    )
  row('all', steps)
  return table.toString()
}

const BYTES: ReadonlySet<Resource> = new Set<Resource>(['heapUsed', 'external', 'arrayBuffers'])

function renderTrends(trends: readonly Trend[]): string {
  if (trends.length === 0) return ''
  const table = new Table({ head: ['resource', 'first', 'last', 'a failover', 'at most', ''], style: STYLE })
  for (const { resource, first, last, perFailover, mostPerFailover, flat } of trends) {
    const show = (value: number): string =>
      BYTES.has(resource) ? `${(value / 1024).toFixed(1)} KiB` : value.toFixed(2)
    table.push([
      resource,
      show(first),
      show(last),
      show(perFailover),
      show(mostPerFailover),
      flat ? 'flat' : pc.red('GROWS')
    ])
  }
  return table.toString()
}

/** How often something failed is told at most so often. */
const MOST_FAILURES = 20

function verdict({ failures, failovers, options, steps, tookMs }: SoakReport): string {
  const run = `${failovers} of ${options.failovers} failovers in ${steps.length} steps, ${(tookMs / 60_000).toFixed(1)} minutes, seed ${options.seed}`
  if (failures.length === 0) return `${pc.green('PASS')} ${run}`
  const told = failures
    .slice(0, MOST_FAILURES)
    .map(({ step, what }) => (step === 0 ? `  ${what}` : `  step ${step}: ${what}`))
  const last = Math.max(1, ...failures.map(({ step }) => step))
  return [
    `${pc.red('FAIL')} ${run}`,
    ...told,
    ...(failures.length > MOST_FAILURES ? [`  and ${failures.length - MOST_FAILURES} more`] : []),
    `  again: npm run soak -- --seed ${options.seed} --failovers ${Math.min(options.failovers, last)} --faults ${options.faults.join(',')}`
  ].join('\n')
}
