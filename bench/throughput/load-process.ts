import { type ChildProcess, fork } from 'node:child_process'
import { endForked, nextMessage } from '../forked.js'
import type { ClientName } from './catalogue.js'
import type { Place } from './load-clients.js'
import type { FromLoad, Measured, Task, ToLoad } from './messages.js'
import { place as moveTo } from './placement.js'

/** For counting garbage: collections on demand only. In MB. */
const ROOMY = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

export interface LoadSetting {
  readonly place: Place
  readonly roomy: boolean
  /** Where it is to run; undefined for wherever the system likes. */
  readonly processors: string | undefined
}

/** A measured client in a process of its own. */
export class LoadProcess {
  readonly client: ClientName
  readonly #process: ChildProcess

  private constructor(client: ClientName, child: ChildProcess) {
    this.client = client
    this.#process = child
  }

  /** `program` is the bundled load-main. @throws Error in its words when it cannot connect. */
  static async open(
    program: string,
    client: ClientName,
    { place, roomy, processors }: LoadSetting
  ): Promise<LoadProcess> {
    const child = fork(program, [], { execArgv: roomy ? ROOMY : [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const load = new LoadProcess(client, child)
    await load.#answer()
    if (processors !== undefined && child.pid !== undefined) moveTo(child.pid, processors)
    await load.#ask({ kind: 'open', client, place })
    return load
  }

  /** @throws Error in its words when a call of the task failed. */
  async measure<Kind extends Task['kind']>(task: Extract<Task, { kind: Kind }>): Promise<Measured[Kind]> {
    return (await this.#ask(task)) as Measured[Kind]
  }

  end(): Promise<void> {
    return endForked(this.#process)
  }

  async #ask(message: ToLoad): Promise<Measured[Task['kind']] | null> {
    const answer = this.#answer()
    this.#process.send(message)
    const told = await answer
    if (told.kind === 'failed') throw new Error(`${this.client}, ${message.kind}: ${told.message}`)
    return told.kind === 'done' ? told.result : null
  }

  #answer(): Promise<FromLoad> {
    return nextMessage(this.#process, `the process of ${this.client}`)
  }
}
