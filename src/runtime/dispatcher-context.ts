import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import type { Address } from '../protocol/address.js'
import type { Arg } from '../routing/arg.js'
import type { Intent } from '../routing/commands.js'
import { intentOf } from '../routing/commands.js'
import type { Call } from './call.js'
import { issue, markDeclaredRead } from './call.js'
import { CallErrors } from './call-errors.js'
import type { DispatcherCounts, DispatcherHost, DispatcherOptions } from './dispatcher-host.js'
import { Overwrites } from './overwrites.js'
import { ReadPipelines } from './read-pipelines.js'
import { SelectedDatabase } from './selected-database.js'
import { Session } from './session.js'

/** Sequences begin at 1; a call without one has 0. */
const BEFORE_ALL = 0.5

/** What the parts of one client's dispatcher share. */
export class DispatcherContext {
  readonly primary: AnyRedis
  readonly options: DispatcherOptions
  readonly host: DispatcherHost
  readonly errors: CallErrors
  readonly session = new Session()
  readonly overwrites = new Overwrites()
  readonly readPipelines = new ReadPipelines()
  /** Calls issued from now on are for this one. */
  readonly database: SelectedDatabase
  readonly counts: DispatcherCounts = {
    held: 0,
    longestHoldMs: 0,
    retried: 0,
    hedged: 0,
    unknown: 0,
    readsOnReplicas: 0
  }
  /** Why no calls are taken any more. */
  closed: Error | undefined
  #sequence = 0

  constructor(primary: AnyRedis, options: DispatcherOptions, host: DispatcherHost) {
    this.primary = primary
    this.options = options
    this.host = host
    this.database = new SelectedDatabase(primary.options.db ?? 0)
    this.errors = new CallErrors(options.group, () => host.topology().phase.kind)
  }

  /** How many calls have been issued. */
  get issued(): number {
    return this.#sequence
  }

  /** Gives a call its place in the order of issue, or before all that have one, and its database. */
  issue(command: Call, now: number, first = false): void {
    issue(command, first ? BEFORE_ALL : ++this.#sequence, now, this.database.now)
    if (this.options.readOnlyCommands !== undefined && this.#isDeclared(command)) markDeclaredRead(command)
  }

  /** Where the command may go by itself, outside of MULTI. */
  intentOf(command: Command): Intent {
    const intent = intentOf(command.name, command.args as Arg[])
    return intent === 'write' && this.#isDeclared(command) ? 'read' : intent
  }

  #isDeclared({ name }: Command): boolean {
    const { readOnlyCommands } = this.options
    return readOnlyCommands !== undefined && (readOnlyCommands.has(name) || readOnlyCommands.has(name.toLowerCase()))
  }

  /** The error of a call that may have been executed, which is counted. */
  unknown(command: Command, endpoint: Address | undefined): Error {
    this.counts.unknown += 1
    return this.errors.unknown(command, endpoint)
  }
}
