import { CLIENT_NAMES, type ClientName, STANDARD_CLIENTS, type Trouble, TROUBLE_NAMES } from './catalogue.js'
import type { Environment } from '../environment.js'
import type { Measurement } from './measurement.js'
import type { BenchOptions } from './options.js'
import { type Cell, summarize } from './statistics.js'

/** Everything that tables, page and documents are made from. */
export interface Report {
  readonly environment: Environment
  readonly settings: Settings
  readonly cells: readonly Cell[]
  readonly runs: readonly Omit<Measurement, 'acks'>[]
}

export interface Settings {
  readonly command: string
  readonly runs: number
  readonly lanes: number
  readonly patienceMs: number
  readonly faults: readonly Trouble[]
  readonly clients: readonly ClientName[]
}

export function makeReport(
  measurements: readonly Measurement[],
  options: BenchOptions,
  environment: Environment
): Report {
  const { runs, lanes, patienceMs, faults, clients } = options
  return {
    environment,
    settings: { command: commandOf(options), runs, lanes, patienceMs, faults, clients },
    cells: summarize(measurements, faults, clients),
    runs: measurements
      .filter(({ fault, client }) => faults.includes(fault) && clients.includes(client))
      .map(({ acks: _, ...run }) => run)
  }
}

/** As it was typed, or shorter: what is the default is left out. */
function commandOf({ runs, lanes, patienceMs, faults, clients }: BenchOptions): string {
  const flags = [
    `--runs ${runs}`,
    `--lanes ${lanes}`,
    ...(patienceMs === 15_000 ? [] : [`--patience ${patienceMs}`]),
    ...(faults.length === TROUBLE_NAMES.length ? [] : [`--faults ${faults.join(',')}`]),
    ...(clients.length === CLIENT_NAMES.length
      ? ['--clients all']
      : clients.join() === STANDARD_CLIENTS.join()
        ? []
        : [`--clients ${clients.join(',')}`])
  ]
  return `npm run bench:failover -- ${flags.join(' ')}`
}
