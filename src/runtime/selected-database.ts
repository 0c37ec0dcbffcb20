import type { Call } from './call.js'
import type { Transaction } from './transaction.js'

/** SELECT, or the MULTI that it is part of, which is executed as a whole. */
type Mover = Call | Transaction

interface Move {
  readonly by: Mover
  db: number
}

/** The database that calls issued from now on are for: that of the last SELECT, but for those that turn out not to be executed. */
export class SelectedDatabase {
  #base: number
  #moves: Move[] = []
  /** Read on every call. */
  now: number

  constructor(db: number) {
    this.#base = db
    this.now = db
  }

  /** SELECT was issued. */
  move(by: Mover, db: number): void {
    const known = this.#moves.find((move) => move.by === by)
    if (known === undefined) {
      this.#forgetWhatIsSure()
      this.#moves.push({ by, db })
    } else known.db = db
    this.#tell()
  }

  isMovedBy(by: Mover): boolean {
    return this.#moves.some((move) => move.by === by)
  }

  /** It selected this database, and no other; none when it was not executed. */
  correct(by: Mover, db: number | undefined): void {
    if (db === undefined) this.#moves = this.#moves.filter((move) => move.by !== by)
    else for (const move of this.#moves) if (move.by === by) move.db = db
    this.#tell()
  }

  /** Whatever was selected before. */
  set(db: number): void {
    if (db === this.now) return
    this.#base = db
    this.#moves = []
    this.#tell()
  }

  #forgetWhatIsSure(): void {
    const sure = this.#moves.findLastIndex(({ by }) => isSettled(by))
    this.#base = this.#moves[sure]?.db ?? this.#base
    this.#moves = this.#moves.slice(sure + 1)
  }

  #tell(): void {
    this.now = this.#moves.at(-1)?.db ?? this.#base
  }
}

/** The database that it selects; undefined for all else. */
export function selectedBy({ name, args }: Call): number | undefined {
  return name === 'select' && /^\d+$/.test(String(args[0])) ? Number(args[0]) : undefined
}

/** Tells, before the caller of EXEC or DISCARD, when another database is selected by the transaction than its last SELECT says: none, if it is not executed. */
export function watchSelects(end: Call, transaction: Transaction, onOther: (db: number | undefined) => void): void {
  const { resolve, reject } = end
  const meant = lastSelected(transaction)
  end.resolve = (reply) => {
    const selected = Array.isArray(reply) ? lastSelected(transaction, reply) : undefined
    if (selected !== meant) onOther(selected)
    resolve(reply)
  }
  end.reject = (error) => {
    // What ends here by its signal or its deadline alone may yet be executed.
    if (transaction.over || error.name === 'ReplyError') onOther(undefined)
    reject(error)
  }
}

function lastSelected({ members }: Transaction, replies: readonly unknown[] = []): number | undefined {
  const queued = members.slice(1, -1)
  // WATCH within MULTI is refused at once and has no reply here.
  const known = replies.length === queued.length
  return queued
    .filter((_, at) => !(known && replies[at] instanceof Error))
    .map(selectedBy)
    .findLast((db) => db !== undefined)
}

function isSettled(by: Mover): boolean {
  return 'members' in by ? by.complete && by.members.at(-1)?.isSettled === true : by.isSettled
}
