import type { Call } from './call.js'
import type { Transaction } from './transaction.js'

/** SELECT, or the MULTI that it is part of, which is executed as a whole. */
type Mover = Call | Transaction

/** The database that calls issued from now on are for: that of the last SELECT, but for those that turn out not to be executed. */
export class SelectedDatabase {
  /** What is selected before the first of those that are not settled. */
  #base: number
  /** In the order of issue, with what each selects. */
  readonly #moves = new Map<Mover, number>()
  #last: Mover | undefined
  /** Read on every call. */
  now: number

  constructor(db: number) {
    this.#base = db
    this.now = db
  }

  /** SELECT was issued. */
  move(by: Mover, db: number): void {
    if (!this.#moves.has(by)) {
      this.#forgetWhatIsSure()
      this.#last = by
    }
    this.#moves.set(by, db)
    this.#tell()
  }

  isMovedBy(by: Mover): boolean {
    return this.#moves.has(by)
  }

  /** It selected this database, and no other; none when it was not executed. */
  correct(by: Mover, db: number | undefined): void {
    if (!this.#moves.has(by)) return
    if (db !== undefined) this.#moves.set(by, db)
    else {
      this.#moves.delete(by)
      if (by === this.#last) this.#last = [...this.#moves.keys()].at(-1)
    }
    this.#tell()
  }

  /** Whatever was selected before. */
  set(db: number): void {
    if (db === this.now) return
    this.#base = db
    this.#moves.clear()
    this.#tell()
  }

  /** They are answered in their order. */
  #forgetWhatIsSure(): void {
    for (const [by, db] of this.#moves) {
      if (!isSettled(by)) return
      this.#base = db
      this.#moves.delete(by)
    }
  }

  #tell(): void {
    this.now = (this.#last === undefined ? undefined : this.#moves.get(this.#last)) ?? this.#base
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
