import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { FromClient, Progress, ToClient } from './messages.js'
import type { Group } from './clients.js'
import type { ClientName } from './catalogue.js'
import { until } from '../until.js'

const OPEN_LIMIT_MS = 20_000

export type Result = Extract<FromClient, { kind: 'result' }>

/** A measured client in a process of its own, seen from its lane. */
export class ClientProcess {
  progress: Progress = { acked: 0, readsOk: 0 }
  readonly #process: ChildProcess
  readonly #messages: FromClient[] = []
  #stderr = ''

  /** `program` is the bundled client-main. */
  constructor(program: string) {
    this.#process = fork(program, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-2000)
    })
    this.#process.on('message', (message: FromClient) => {
      if (message.kind === 'progress') this.progress = message
      else this.#messages.push(message)
    })
  }

  /** @throws Error in its words when it cannot. */
  async open(client: ClientName, group: Group): Promise<void> {
    await this.#get('up', OPEN_LIMIT_MS)
    this.#send({ kind: 'open', client, name: group.name, sentinels: group.sentinels })
    await this.#get('open', OPEN_LIMIT_MS)
  }

  go(): void {
    this.#send({ kind: 'go' })
  }

  /** Resolves when it reads by the command that is counted apart. */
  async readApart(): Promise<void> {
    this.#send({ kind: 'apart' })
    await this.#get('apart', OPEN_LIMIT_MS)
  }

  /** Ends the traffic; what is open after `limitMs` is hung. */
  async stop(limitMs: number): Promise<Result> {
    this.#send({ kind: 'stop', limitMs })
    return this.#get('result', limitMs + OPEN_LIMIT_MS)
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }

  #send(message: ToClient): void {
    this.#process.send(message)
  }

  async #get<Kind extends FromClient['kind']>(
    kind: Kind,
    limitMs: number
  ): Promise<Extract<FromClient, { kind: Kind }>> {
    return until(`"${kind}" of the client's process`, limitMs, () => {
      const trouble = this.#messages.find((message) => message.kind === 'trouble')
      if (trouble !== undefined) throw new Error(`the client: ${trouble.message}`)
      if (this.#process.exitCode !== null) throw new Error(`the client's process ended: ${this.#stderr}`)
      return this.#messages.find((message): message is Extract<FromClient, { kind: Kind }> => message.kind === kind)
    })
  }
}
