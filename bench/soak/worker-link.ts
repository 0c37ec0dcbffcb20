import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Calls } from './records.js'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))
/** How long the worker may take to end by itself once its clients are closed. */
const END_WITHIN_MS = 5_000

export type CallName = keyof Calls

export interface CallMessage {
  readonly id: number
  readonly call: CallName
  readonly argument: unknown
}

export interface AnswerMessage {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

interface Pending {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** The process with the clients in it, seen from the process with the servers and the judge. */
export class WorkerLink {
  readonly #child: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly #closed: Promise<unknown>
  #stderr = ''
  #lastId = 0

  constructor() {
    this.#child = fork(WORKER, [], {
      execArgv: ['--import', 'tsx', '--expose-gc', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced'
    })
    this.#closed = once(this.#child, 'close')
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-8_000)
    })
    this.#child.on('message', (message) => {
      this.#answered(message as AnswerMessage)
    })
    this.#child.on('exit', (code, signal) => {
      const error = new Error(`the process with the clients ended (${code ?? signal}). ${this.#stderr}`.trim())
      for (const { reject } of this.#pending.values()) reject(error)
      this.#pending.clear()
    })
  }

  /** What it has said on its error output: nothing, while all is well. */
  get stderr(): string {
    return this.#stderr
  }

  async ask<Name extends CallName>(call: Name, argument: Calls[Name][0]): Promise<Calls[Name][1]> {
    const id = ++this.#lastId
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }))
    const message: CallMessage = { id, call, argument }
    this.#child.send(message)
    return (await answer) as Calls[Name][1]
  }

  /**
   * Closes the clients and waits for the process to end by itself. Resolves with its exit code, or with undefined when something
   * kept it alive, so that it had to be killed.
   */
  async end(): Promise<number | undefined> {
    await this.ask('stop', null)
    const stubborn = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS)
    await this.#closed
    clearTimeout(stubborn)
    return this.#child.exitCode ?? undefined
  }

  /** Ends it whatever it does. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }

  #answered({ id, answer, error }: AnswerMessage): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) pending?.resolve(answer)
    else pending?.reject(new Error(error))
  }
}
