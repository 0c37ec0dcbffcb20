import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Throughput } from '../throughput/loops.js'
import type { Answer, Question, Reading, Task, Workload } from './messages.js'

/** A process with a client, which is at work only while it is asked something. */
export class Measured {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(program: string, task: Task): Promise<Measured> {
    const measured = new Measured(fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
    await measured.#answerTo(task)
    return measured
  }

  slice(workload: Workload): Promise<Throughput> {
    return this.#answerTo(workload)
  }

  async read(): Promise<number> {
    const { readingMs } = await this.#answerTo<Reading>('read')
    return readingMs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }

  #answerTo<Expected extends Answer | 'ready'>(message: Task | Question): Promise<Expected> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => {
        reject(new Error(`the measured process ended with ${code}`))
      }
      this.#child.once('exit', ended)
      this.#child.once('message', (answer: Expected) => {
        this.#child.off('exit', ended)
        resolve(answer)
      })
      this.#child.send(message)
    })
  }
}
