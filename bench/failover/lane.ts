import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Measurement } from './measurement.js'
import type { Programs } from '../programs.js'
import type { Job } from './run-once.js'

export type FailoverPrograms = Programs<'lane' | 'client'>

export type FromLane =
  | { readonly kind: 'measured'; readonly measurement: Measurement }
  /** `disturbed`: something else happened than was asked for, and the run is to be made again. */
  | { readonly kind: 'failed' | 'disturbed'; readonly message: string }

/** A process that measures one job at a time. */
export class Lane {
  readonly #process: ChildProcess

  constructor(programs: FailoverPrograms) {
    this.#process = fork(programs.path('lane'), [programs.path('client')], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
  }

  /** Resolves also when it failed, with the words of the failure. */
  async measure(job: Job): Promise<FromLane> {
    this.#process.send(job)
    const answer = new AbortController()
    try {
      const [message] = (await Promise.race([
        once(this.#process, 'message', { signal: answer.signal }),
        once(this.#process, 'exit', { signal: answer.signal }).then(() => {
          throw new Error('the lane ended')
        })
      ])) as [FromLane]
      return message
    } finally {
      answer.abort()
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.disconnect()
    await ended
  }
}
