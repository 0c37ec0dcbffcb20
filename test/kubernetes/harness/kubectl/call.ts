import type { Readable } from 'node:stream'
import type { Cluster } from '../cluster.js'
import type { LogClock } from './log-clock.js'

/** One `kubectl …` of a shell: whom it is for, and where what it says goes. */
export interface Call {
  readonly cluster: Cluster
  readonly logClock: LogClock
  /** The folder that paths among its words begin at. */
  readonly cwd: string
  readonly out: (data: Buffer | string) => void
  readonly err: (data: Buffer | string) => void
  /** Its standard input, which is not read before this is called. */
  readonly input: () => Readable
  /** Aborted when the one who asked has gone. */
  readonly signal: AbortSignal
}

/** Ends the call with a code of its own, when what there is to say has been said. */
export class ExitError extends Error {
  constructor(readonly code: number) {
    super(`exit code ${code}`)
  }
}
