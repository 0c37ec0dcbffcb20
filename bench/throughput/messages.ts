import type { ClientName, Workload } from './catalogue.js'
import type { Place } from './load-clients.js'
import type { Throughput } from './loops.js'

/** What the process of a client is asked to measure. */
export type Task =
  | {
      readonly kind: 'closed'
      readonly workload: Workload
      readonly depth: number
      readonly warmMs: number
      readonly ms: number
    }
  | {
      readonly kind: 'paced'
      readonly workload: Workload
      readonly perSecond: number
      readonly warmMs: number
      readonly ms: number
    }
  | { readonly kind: 'allocation'; readonly workload: Workload; readonly depth: number; readonly calls: number }

/** What comes of each. */
export interface Measured {
  readonly closed: Throughput
  /** How long each call took, in microseconds from when it was due. */
  readonly paced: readonly number[]
  readonly allocation: number
}

export type ToLoad = { readonly kind: 'open'; readonly client: ClientName; readonly place: Place } | Task

export type FromLoad =
  | { readonly kind: 'up' }
  | { readonly kind: 'done'; readonly result: Measured[Task['kind']] | null }
  | { readonly kind: 'failed'; readonly message: string }
