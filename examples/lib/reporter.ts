import type { FailoverTimeline, SentinelRedisStats } from 'ioredis-sentinel'

export type Outcome = 'ok' | 'unknown' | 'failed'
export type OperationKind = 'write' | 'heartbeat' | 'read'

/** One operation, once it settled. `issuedAt` is milliseconds since 1970. */
export interface OperationRecord {
  readonly kind: OperationKind
  /** Counts the operations of this kind from 1. */
  readonly id: number
  readonly issuedAt: number
  readonly latencyMs: number
  readonly outcome: Outcome
  readonly error?: string
  /** Reads: how old the value was when it arrived. */
  readonly stalenessMs?: number
  /** Reads: how much older the value was than one that an earlier read had already returned; absent when it was not. */
  readonly wentBackMs?: number
}

/** What an example is doing right now. */
export interface ProgramState {
  readonly at: number
  readonly phase: string
  readonly primary?: string
  readonly held: number
  readonly outstanding: number
}

export type ProgramMessage =
  | { readonly type: 'started'; readonly httpPort: number }
  | { readonly type: 'records'; readonly records: readonly OperationRecord[] }
  | { readonly type: 'state'; readonly state: ProgramState }
  | { readonly type: 'failover'; readonly timeline: FailoverTimeline }
  /** Between two writes, as it was asked to be: nothing is on the wire. */
  | { readonly type: 'quiet'; readonly at: number }
  | { readonly type: 'goes-on'; readonly at: number }
  | {
      readonly type: 'ended'
      readonly issued: Readonly<Partial<Record<OperationKind, number>>>
      readonly stats: SentinelRedisStats
    }

const BATCH_MS = 50

export interface Reporter {
  record(record: OperationRecord): void
  send(message: ProgramMessage): void
  /** Sends what is left and resolves once the parent has it. */
  close(last?: ProgramMessage): Promise<void>
}

export const silentReporter: Reporter = {
  record: () => undefined,
  send: () => undefined,
  close: async () => undefined
}

/** Streams every operation to the parent process in batches, which is how the demo sees what its programs see. */
export function ipcReporter(state: () => ProgramState): Reporter {
  let batch: OperationRecord[] = []
  const send = (message: ProgramMessage, done?: () => void): void => {
    if (process.send === undefined || !process.connected) done?.()
    else process.send(message, undefined, undefined, () => done?.())
  }
  const flush = (): void => {
    if (batch.length > 0) send({ type: 'records', records: batch })
    batch = []
    send({ type: 'state', state: state() })
  }
  const timer = setInterval(flush, BATCH_MS)
  return {
    record: (record) => void batch.push(record),
    send: (message) => send(message),
    close: (last) => {
      clearInterval(timer)
      flush()
      return new Promise((resolve) => (last === undefined ? resolve() : send(last, resolve)))
    }
  }
}
