import { type ChildProcess, fork } from 'node:child_process'
import { endForked, nextMessage } from '../forked.js'
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

  [Symbol.asyncDispose](): Promise<void> {
    return endForked(this.#child)
  }

  #answerTo<Expected extends Answer | 'ready'>(message: Task | Question): Promise<Expected> {
    const answer = nextMessage<Expected>(this.#child, 'the measured process')
    this.#child.send(message)
    return answer
  }
}
