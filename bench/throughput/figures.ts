import { ALLOCATING, CLIENTS, type ClientName, DEPTHS, PACED, type Workload } from './catalogue.js'
import type { Settings } from './report-files.js'
import { allocatingAt, closedAt, middle, pacedAt, ratio, type Runs } from './results.js'

/** A client's figures beside those of plain ioredis; less is better in all but `speed`. */
const REFERENCE: ClientName = 'ioredis'

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The client of each row. */
  readonly clients: readonly ClientName[]
}

/** Calls a second and CPU time of one workload. */
export function closedTable(runs: Runs, { clients }: Settings, workload: Workload): Table {
  const head = ['client', ...DEPTHS.flatMap((depth) => [`calls/s, ${depth} in flight`, `CPU µs a call, ${depth}`])]
  return table(head, clients, (client) =>
    DEPTHS.flatMap((depth) => {
      const at = closedAt(runs, workload, depth)
      return [
        withRatio(middle(at, client, perSecond), ratio(at, client, REFERENCE, perSecond), client, thousands),
        withRatio(middle(at, client, cpuUs), ratio(at, client, REFERENCE, cpuUs), client, short)
      ]
    })
  )
}

/** Latency at a load that is the same for all. */
export function pacedTable(runs: Runs, { clients, workloads }: Settings): Table {
  const loads = PACED.filter(({ workload }) => workloads.includes(workload))
  const head = ['client', ...loads.flatMap((load) => [`p50 µs, ${nameOf(load)}`, 'p99 µs'])]
  return table(head, clients, (client) =>
    loads.flatMap((load) => {
      const at = pacedAt(runs, load)
      return [
        withRatio(middle(at, client, p50Us), ratio(at, client, REFERENCE, p50Us), client, short),
        withRatio(middle(at, client, p99Us), ratio(at, client, REFERENCE, p99Us), client, short)
      ]
    })
  )
}

/** Bytes of heap a call. */
export function allocationTable(runs: Runs, { clients, workloads }: Settings): Table {
  const shown = ALLOCATING.filter((workload) => workloads.includes(workload))
  return table(['client', ...shown.map((workload) => `bytes a call, ${workload.toUpperCase()}`)], clients, (client) =>
    shown.map((workload) => {
      const at = allocatingAt(runs, workload)
      return withRatio(middle(at, client, bytes), ratio(at, client, REFERENCE, bytes), client, thousands)
    })
  )
}

const perSecond = (run: { readonly perSecond: number }): number => run.perSecond
const cpuUs = (run: { readonly cpuUs: number }): number => run.cpuUs
const p50Us = (run: { readonly p50Us: number }): number => run.p50Us
const p99Us = (run: { readonly p99Us: number }): number => run.p99Us
const bytes = (run: { readonly bytes: number }): number => run.bytes

const nameOf = ({ workload, perSecond: rate }: { readonly workload: Workload; readonly perSecond: number }): string =>
  `${workload.toUpperCase()} ${thousands(rate)}/s`

function table(
  head: readonly string[],
  clients: readonly ClientName[],
  row: (client: ClientName) => readonly string[]
): Table {
  return { head, clients, rows: clients.map((client) => [CLIENTS[client].label, ...row(client)]) }
}

/** `12,345 (1.8 x)`: the median, and the median of what it was divided by the reference's in the same round. */
function withRatio(value: number, times: number, client: ClientName, text: (value: number) => string): string {
  return client === REFERENCE || Number.isNaN(times) ? text(value) : `${text(value)} (${times.toFixed(2)} x)`
}

function thousands(value: number): string {
  return Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en-US')
}

function short(value: number): string {
  return Number.isNaN(value) ? '–' : value < 100 ? value.toFixed(1) : thousands(value)
}
