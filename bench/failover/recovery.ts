import type { LocalNode } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Trouble, troubleOf } from './catalogue.js'
import type { ClientProcess } from './client-process.js'
import { EVERY_MS, LEDGER_KEY } from './messages.js'

const LOOK_EVERY_MS = 50
const WINDOW_MS = 300
/** Of what falls due in a window, so much must have been done in it. */
const SHARE = 0.7
/** A sentinel says after 1 s that a node is down, and clients act on that: to be seen, where nothing is promoted. */
const LEAST_WATCH_MS = 3500

/** How many writes the primary has executed, and how many acks and reads the client has counted. */
interface Sample {
  readonly at: number
  readonly executed: number
  readonly acked: number
  readonly readsOk: number
}

/** Sees when a client writes to the primary that is, and reads, at its full rate again. */
export class Recovery {
  readonly #client: ClientProcess
  readonly #primary: LocalNode
  readonly #leastUntil: number
  readonly #samples: Sample[] = []

  constructor(client: ClientProcess, primary: LocalNode, { fault }: { readonly fault: Trouble }) {
    this.#client = client
    this.#primary = primary
    const watches = !troubleOf(fault).promotes && fault !== 'restart'
    this.#leastUntil = Date.now() + (watches ? LEAST_WATCH_MS : 0)
  }

  /** Resolves with true when it does, or with false at `deadline` (milliseconds since 1970). */
  async wait(deadline: number): Promise<boolean> {
    for (;;) {
      this.#samples.push(await this.#look())
      const now = Date.now()
      if (this.#flows() && now >= this.#leastUntil) return true
      if (now >= deadline) return false
      await sleep(LOOK_EVERY_MS)
    }
  }

  #flows(): boolean {
    const last = this.#samples.at(-1)
    const before = this.#samples.findLast((sample) => last !== undefined && last.at - sample.at >= WINDOW_MS)
    if (last === undefined || before === undefined) return false
    const least = (SHARE * (last.at - before.at)) / EVERY_MS
    return [last.executed - before.executed, last.acked - before.acked, last.readsOk - before.readsOk].every(
      (done) => done >= least
    )
  }

  async #look(): Promise<Sample> {
    const at = Date.now()
    const executed = await this.#executed()
    const { acked, readsOk } = this.#client.progress
    return { at, executed, acked, readsOk }
  }

  async #executed(): Promise<number> {
    try {
      return Number(await this.#primary.command('LLEN', LEDGER_KEY)) + Number(await this.#primary.command('DBSIZE'))
    } catch {
      // A promotion kills all connections, and a server that has just started may not answer.
      return this.#samples.at(-1)?.executed ?? 0
    }
  }
}
