import type { Command } from 'ioredis'
import type { ReplicationInfo } from '../protocol/parse-info.js'
import { isSynchronised, parseReplicationInfo } from '../protocol/parse-info.js'
import type { Arg } from '../routing/arg.js'
import { onlyKeyOf } from '../routing/keys.js'
import { OwnWrites } from '../routing/own-writes.js'
import { WriteMarks } from '../routing/write-marks.js'
import { callMayWrite } from './call-repeat.js'
import { keysBy } from './command-keys.js'
import type { ReplicaConnection } from './replica-connection.js'
import { endsTransaction } from './transaction.js'

export interface OwnWritesHost {
  /** Asks the primary on the connection that writes go by, behind them; undefined while there is none, or a MULTI is open. */
  askPrimary(name: string, argument: string): Promise<string> | undefined
  replicas(): readonly ReplicaConnection[]
  /** More reads may go to replicas than before. */
  onProgress(): void
}

/** At most this often the offsets are asked for, and only while a read would profit. */
const ASK_EVERY_MS = 50

/**
 * Read your writes: knows for each read which replicas hold what this client wrote to its keys, by comparing their replication
 * offsets with where the primary stood after it. They are asked for when a read has to go to the primary for want of knowledge, and not more than 20 times a second.
 */
export class OwnWritesWatch {
  readonly #writes = new OwnWrites()
  readonly #marks = new WriteMarks()
  readonly #host: OwnWritesHost
  #asking = false
  #timer: NodeJS.Timeout | undefined
  #generation = 0

  constructor(host: OwnWritesHost) {
    this.#host = host
  }

  /** This command goes to the primary now, on database `db`. */
  wrote(command: Command, db: number): void {
    // What EXEC writes was told of its members.
    if (!callMayWrite(command) || endsTransaction(command)) return
    const only = onlyKeyOf(command.name, command.args as Arg[], db)
    if (only === undefined) this.#writes.wrote(keysBy(command, db))
    else this.#writes.wroteOne(only)
  }

  /** Undefined when any replica may answer these reads; else what tells whether one may. */
  fitFor(commands: readonly Command[], db: number): ((replica: ReplicaConnection) => boolean) | undefined {
    if (this.#writes.settled) return undefined
    let needed = 0
    for (const command of commands) needed = Math.max(needed, this.#neededFor(command, db))
    if (this.#writes.isHeldByAll(needed)) return undefined
    const fit = (replica: ReplicaConnection): boolean => this.#writes.holds(replica.key, needed)
    if (this.#host.replicas().every(fit)) return undefined
    if (!this.#asking && this.#timer === undefined) void this.#ask()
    return fit
  }

  /** The connection to this replica is new. */
  forget(replica: ReplicaConnection): void {
    this.#writes.forget(replica.key)
  }

  /** The primary is another node. */
  forgetAll(): void {
    this.#generation += 1
    this.#writes.forgetAll()
    this.#marks.forgetAll()
  }

  #neededFor(command: Command, db: number): number {
    const only = onlyKeyOf(command.name, command.args as Arg[], db)
    return only === undefined ? this.#writes.needed(keysBy(command, db)) : this.#writes.neededFor(only)
  }

  async #ask(): Promise<void> {
    this.#asking = true
    const generation = this.#generation
    try {
      await this.#compare(generation)
    } catch {
      // A user without the right to INFO, or a connection that broke: own keys stay on the primary.
    }
    this.#asking = false
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      // Reads that wait for a replica to catch up ask anew by being tried again.
      this.#host.onProgress()
    }, ASK_EVERY_MS)
    this.#timer.unref()
  }

  async #compare(generation: number): Promise<void> {
    // All writes up to this one are before the question in the primary's order: its offset covers them.
    const number = this.#writes.last
    const told = await answerTo(this.#host.askPrimary('info', 'replication'))
    if (generation !== this.#generation) return
    if (told?.role === 'primary') this.#marks.add({ number, history: told.history, offset: told.offset })
    // While no primary answers, what it said before still tells of those that had come that far.
    else if (this.#marks.empty) return
    await Promise.all(
      this.#host.replicas().map(async (replica) => {
        const { session } = replica
        const text = await replica.ask('info', 'replication')
        const there = parseReplicationInfo(text)
        const current = generation === this.#generation && session === replica.session
        if (!current || there === undefined || !isSynchronised(text)) return
        const held = this.#marks.numberAt(there.history, there.offset)
        if (held === 0) return
        this.#writes.caughtUp(
          replica.key,
          held,
          this.#host.replicas().map((one) => one.key)
        )
        this.#host.onProgress()
      })
    )
  }
}

/** Undefined without a primary to ask, and when its connection breaks. */
async function answerTo(asked: Promise<string> | undefined): Promise<ReplicationInfo | undefined> {
  return parseReplicationInfo((await asked?.catch(() => '')) ?? '')
}
