import type { Throughput } from '../throughput/loops.js'
import type { SetupName } from './setups.js'

export const WORKLOADS = ['SET', 'GET'] as const

export type Workload = (typeof WORKLOADS)[number]

/** The first message to a measured process, which answers `ready`. */
export interface Task {
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  readonly setup: SetupName
  /** Parents of spans are looked for, as where an application has a tracing SDK. */
  readonly parents: boolean
  /** In a slice. */
  readonly calls: number
  readonly depth: number
}

/** Each later message: a slice of these calls, or all metrics read once. */
export type Question = Workload | 'read'

/** CPU time that it takes to read all metrics once. */
export interface Reading {
  readonly readingMs: number
}

export type Answer = Throughput | Reading
