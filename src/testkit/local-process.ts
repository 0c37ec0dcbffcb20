import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { FaultUnavailableError, ProcessStartError, ReplyError } from './errors.js'
import type { Guardian } from './guardian.js'
import type { PartitionScope, Partitions } from './partitions.js'
import { pauseInTurn } from './pauser.js'
import type { Argument, RespValue } from './resp.js'
import { ask, type Endpoint } from './resp-connection.js'

/** Undoes a fault. Calling it again does nothing. */
export type Heal = () => Promise<void>

export interface RestartOptions {
  /** SIGTERM, so that the server says goodbye and flushes, instead of SIGKILL. Default false. */
  readonly graceful?: boolean
  /** How long it stays down, in milliseconds. Default 0. */
  readonly downMs?: number
}

export interface ProcessSetup {
  readonly address: Address
  readonly ip: string
  readonly directory: string
  readonly command: string
  readonly args: readonly string[]
  readonly endpoint: Endpoint
  readonly guardian: Guardian
  readonly partitions: Partitions
  /** Aborted when the topology is stopped. */
  readonly over: AbortSignal
  readonly log: (line: string) => void
}

const START_TIMEOUT_MS = 20_000
const GRACE_MS = 15_000

/** A real server process of a local topology, and the faults it can be given. */
export abstract class LocalProcess {
  abstract readonly kind: 'node' | 'sentinel'
  /** As it announces itself. */
  readonly address: Address
  /** The IP address at which it listens. */
  readonly ip: string
  /** Its folder: configuration, data, `server.log`. Removed by the topology's `stop()`. */
  readonly directory: string
  readonly #setup: ProcessSetup
  #child: ChildProcess | undefined
  #gone: Promise<void> = Promise.resolve()
  #frozen = false
  #hurry: Heal | undefined

  constructor(setup: ProcessSetup) {
    this.address = setup.address
    this.ip = setup.ip
    this.directory = setup.directory
    this.#setup = setup
  }

  /** The process id; undefined while it is not running. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** It is running; also when frozen or cut off. */
  get alive(): boolean {
    return this.#child !== undefined
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** Cut off by `partition()`, from everything or from its peers. */
  get partitioned(): boolean {
    return this.#setup.partitions.includes(this.ip)
  }

  /** Running, not frozen, not cut off. */
  get healthy(): boolean {
    return this.alive && !this.frozen && !this.partitioned
  }

  /** How the testkit itself connects to it. */
  get endpoint(): Endpoint {
    return this.#setup.endpoint
  }

  /** SIGKILL. Resolves when the process has ended. Does nothing when it is not running. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGSTOP: connections stay open and are accepted, and nothing is answered. Ends a `slow()`. */
  async freeze(): Promise<void> {
    await this.#hurry?.()
    this.#signal('SIGSTOP')
    this.#frozen = true
    this.#say('frozen')
  }

  /** SIGCONT after `freeze()`. */
  async thaw(): Promise<void> {
    this.#signal('SIGCONT')
    this.#frozen = false
    this.#say('thawed')
  }

  /**
   * Starts it again with the configuration and data it has. Resolves when it answers commands, or at once while it is
   * partitioned. Does nothing when it is running.
   *
   * @throws ProcessStartError with the end of its log.
   */
  async start(): Promise<void> {
    if (this.#child !== undefined) return
    this.#spawn()
    if (this.partitioned) return
    await this.#answering()
    this.#say('started')
  }

  /** Ends it and starts it again with its data. */
  async restart(options: RestartOptions = {}): Promise<void> {
    await this.#end(options.graceful === true ? 'SIGTERM' : 'SIGKILL')
    if (options.downMs !== undefined) await sleep(options.downMs)
    await this.start()
  }

  /**
   * Drops packets by address. `everything`: all packets to and from it. `peers`: only those between it and the other
   * nodes and sentinels, so that clients still reach it.
   *
   * @returns what heals it.
   * @throws FaultUnavailableError without root, without iptables and nft, or where the process has no address of its own.
   */
  async partition(scope: PartitionScope): Promise<Heal> {
    const heal = await this.#setup.partitions.cut(this.ip, scope)
    this.#say(`partitioned from ${scope}`)
    return async () => {
      await heal()
      this.#say('partition healed')
    }
  }

  /**
   * Makes it slow: it is paused for `delayMs` and runs for 2 ms, in turn, so that a reply comes 0 to `delayMs` later, on
   * average half of it. No root needed. It is the process that is slow, not the link: it also replicates in the same
   * rhythm. Ended by the heal returned, `freeze()`, `kill()` and `restart()`; a second `slow()` replaces the first.
   */
  async slow(delayMs: number): Promise<Heal> {
    if (!Number.isInteger(delayMs) || delayMs < 1) {
      throw new RangeError(`slow: delayMs is a whole number of milliseconds from 1, not ${delayMs}`)
    }
    await this.#hurry?.()
    if (this.#frozen) throw new FaultUnavailableError(`${this.#name} is frozen: thaw() it before slow()`)
    const stop = await pauseInTurn(this.#running(), delayMs)
    const heal = async (): Promise<void> => {
      if (this.#hurry !== heal) return
      this.#hurry = undefined
      await stop()
      this.#say('fast again')
    }
    this.#hurry = heal
    this.#say(`slowed down by up to ${delayMs} ms`)
    return heal
  }

  /**
   * One command on a connection of its own, RESP2, given up after 5 s of silence. Not sent again, whatever happens.
   *
   * @throws ReplyError with the server's words.
   */
  async command(...args: readonly Argument[]): Promise<RespValue> {
    const [reply] = await ask(this.endpoint, [args], 5000)
    return reply ?? null
  }

  /** All it has logged since the topology was started. */
  logs(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  toString(): string {
    return this.#name
  }

  get #name(): string {
    return `${this.kind} ${formatAddress(this.address)}`
  }

  get #logFile(): string {
    return join(this.directory, 'server.log')
  }

  #say(what: string): void {
    this.#setup.log(`${this.#name} ${what}`)
  }

  #running(): number {
    if (this.pid === undefined) throw new FaultUnavailableError(`${this.#name} is not running: start() it first`)
    return this.pid
  }

  #signal(signal: NodeJS.Signals): void {
    process.kill(this.#running(), signal)
  }

  #spawn(): void {
    const { command, args, directory, guardian, over } = this.#setup
    if (over.aborted) throw new ProcessStartError(`${this.#name} was not started: its topology is being stopped`)
    const output = openSync(this.#logFile, 'a')
    const child = spawn(command, args, {
      cwd: directory,
      stdio: ['ignore', output, output],
      // Not in the terminal's foreground group: Ctrl-C ends the test, and the guardian ends the servers.
      detached: true
    })
    closeSync(output)
    this.#child = child
    const { pid } = child
    if (pid !== undefined) guardian.addPid(pid)
    this.#gone = new Promise((resolve) => {
      const ended = (): void => {
        if (pid !== undefined) guardian.removePid(pid)
        this.#child = undefined
        this.#frozen = false
        resolve()
      }
      child.once('error', ended)
      child.once('exit', ended)
    })
  }

  async #answering(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS
    let last = ''
    while (this.#child !== undefined && performance.now() < deadline) {
      const answer = await ask(this.endpoint, [['PING']], 1000).catch((error: unknown) => error)
      if (Array.isArray(answer)) return
      if (answer instanceof ReplyError && !answer.message.startsWith('LOADING')) return
      last = answer instanceof Error ? answer.message : String(answer)
      await sleep(10)
    }
    const why =
      this.#child === undefined ? 'ended while starting' : `gave no answer in ${START_TIMEOUT_MS} ms (${last})`
    const tail = this.#withoutPassword(this.logs().trimEnd().split('\n').slice(-8).join('\n'))
    throw new ProcessStartError(`${this.#name} ${why}. The end of its log:\n${tail}`)
  }

  /** A server that refuses its configuration repeats the line. */
  #withoutPassword(text: string): string {
    const { password } = this.endpoint
    return password === undefined ? text : text.replaceAll(password, '***')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#hurry?.()
    const child = this.#child
    if (child === undefined) return
    child.kill(signal)
    // A stopped process does not see SIGTERM.
    if (signal === 'SIGTERM' && this.#frozen) child.kill('SIGCONT')
    const stubborn = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
    await this.#gone
    clearTimeout(stubborn)
    this.#say(signal === 'SIGKILL' ? 'killed' : 'shut down')
  }
}
