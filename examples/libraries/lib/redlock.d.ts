/** What of redlock 5 is used here: its package.json hides the types that it has. */
declare module 'redlock' {
  import type { Redis } from 'ioredis'

  export interface Settings {
    readonly retryCount: number
    readonly retryDelay: number
    readonly retryJitter: number
  }

  export interface Lock {
    /** Milliseconds since 1970. */
    readonly expiration: number
    extend(durationMs: number): Promise<Lock>
    release(): Promise<unknown>
  }

  export class ExecutionError extends Error {}

  export default class Redlock {
    constructor(clients: Iterable<Redis>, settings?: Partial<Settings>)
    acquire(resources: string[], durationMs: number, settings?: Partial<Settings>): Promise<Lock>
    release(lock: Lock, settings?: Partial<Settings>): Promise<unknown>
  }
}
