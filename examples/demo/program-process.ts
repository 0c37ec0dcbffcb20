import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { FailoverTimeline, SentinelRedisStats } from 'ioredis-sentinel'
import type { BetweenWritesRequest } from '../lib/between-writes.js'
import type { OperationKind, OperationRecord, ProgramMessage, ProgramState } from '../lib/reporter.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const KEPT_LOG_LINES = 400

/** One of the examples as a process of its own, and what it reports. */
export class ProgramProcess {
  readonly records: OperationRecord[] = []
  readonly timelines: FailoverTimeline[] = []
  readonly logLines: string[] = []
  readonly name: 'writer' | 'reader'
  /** What it is doing, as it last said. */
  state: ProgramState | undefined
  issued: Readonly<Partial<Record<OperationKind, number>>> = {}
  stats: SentinelRedisStats | undefined
  /** When it said that it is between two writes, as it had been asked to be, and when it said that it goes on. */
  pause: { readonly quietAt?: number; readonly goesOnAt?: number } = {}
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #stopping = false
  #said = { started: false, ended: false }

  constructor(name: 'writer' | 'reader', env: Readonly<Record<string, string>>) {
    this.name = name
    this.#child = fork(fileURLToPath(new URL(`../${name}.ts`, import.meta.url)), {
      cwd: ROOT,
      env: { ...withoutSettings(process.env), ...env, REPORT: 'ipc', HTTP_PORT: '0', HTTP_HOST: '127.0.0.1' },
      execArgv: process.execArgv,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
    this.#exited = once(this.#child, 'close').then(() => undefined)
    this.#child.on('message', (message) => this.#hear(message as ProgramMessage))
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#keepLine(line))
    }
  }

  get started(): boolean {
    return this.#said.started
  }

  /** Why it cannot be relied on any more; undefined while all is well. */
  get trouble(): string | undefined {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return undefined
    const how = this.#child.signalCode ?? `exit code ${this.#child.exitCode}`
    if (this.#stopping && this.#child.exitCode === 0 && this.#said.ended) return undefined
    const last = this.logLines.slice(-15).find((line) => /Error\b.*: /.test(line)) ?? this.logLines.at(-1)
    return `the ${this.name} ended with ${how}${last === undefined ? '' : `: ${last}`}`
  }

  /** Asks it to be between two writes; `pause.quietAt` is set once it is. */
  askForQuiet(): void {
    const request: BetweenWritesRequest = { type: 'between-writes' }
    this.#child.send(request)
  }

  /** SIGTERM, and SIGKILL when it has not ended after `withinMs`. Resolves once it is gone. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true
    this.#child.kill('SIGTERM')
    const stubborn = setTimeout(() => this.#child.kill('SIGKILL'), withinMs)
    await this.#exited
    clearTimeout(stubborn)
  }

  #hear(message: ProgramMessage): void {
    switch (message.type) {
      case 'started':
        this.#said.started = true
        break
      case 'records':
        this.records.push(...message.records)
        break
      case 'state':
        this.state = message.state
        break
      case 'failover':
        this.timelines.push(message.timeline)
        break
      case 'quiet':
        this.pause = { ...this.pause, quietAt: message.at }
        break
      case 'goes-on':
        this.pause = { ...this.pause, goesOnAt: message.at }
        break
      case 'ended':
        this.#said.ended = true
        this.issued = message.issued
        this.stats = message.stats
        break
    }
  }

  #keepLine(line: string): void {
    this.logLines.push(line)
    if (this.logLines.length > KEPT_LOG_LINES) this.logLines.splice(KEPT_LOG_LINES / 2, 1)
  }
}

/** Settings of the caller's shell are meant for other runs of the examples, not for this one. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(REDIS_|READ_FROM$)/.test(name)))
}
