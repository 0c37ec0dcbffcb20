import type { ClientName, Trouble } from './catalogue.js'
import type { BenchOptions } from './options.js'
import type { Job } from './run-once.js'

/**
 * All runs, in rounds: each round takes every client through every fault once. The clients of a fault follow each other, the
 * first of them another one each time, so that what else the machine does falls on all alike.
 */
export function schedule({
  runs,
  faults,
  clients,
  patienceMs
}: Pick<BenchOptions, 'runs' | 'faults' | 'clients' | 'patienceMs'>): Job[] {
  return Array.from({ length: runs }, (_, round) =>
    faults.flatMap((fault, index) =>
      rotated(clients, round + index).map((client): Job => ({ fault, client, round, patienceMs }))
    )
  ).flat()
}

/** What has not been measured yet. */
export function remaining(jobs: readonly Job[], done: readonly RunName[]): Job[] {
  const names = new Set(done.map(nameOf))
  return jobs.filter((job) => !names.has(nameOf(job)))
}

interface RunName {
  readonly fault: Trouble
  readonly client: ClientName
  readonly round: number
}

function nameOf({ fault, client, round }: RunName): string {
  return `${fault} ${client} ${round}`
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}
