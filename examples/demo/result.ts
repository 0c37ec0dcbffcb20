import type { Fault } from 'ioredis-sentinel/testkit'
import type { FaultProfile } from './faults.js'
import type { Figures } from './figures.js'
import type { OperationRecord } from '../lib/reporter.js'
import type { Moment } from '../../src/cli/report/moments.js'
import type { Verdict } from './verdict.js'

/** All that one run of the demo found out. */
export interface RunResult {
  readonly fault: Fault
  readonly profile: FaultProfile
  readonly rate: number
  /** Milliseconds since 1970. */
  readonly faultAt: number
  /** What was done, as the testkit tells it. */
  readonly description: string
  readonly records: readonly OperationRecord[]
  readonly moments: readonly Moment[]
  readonly figures: Figures
  readonly verdict: Verdict
  /** Server and node versions, settings: what one needs to repeat it. */
  readonly environment: readonly (readonly [string, string])[]
  readonly logs: readonly { readonly program: string; readonly lines: readonly string[] }[]
}
