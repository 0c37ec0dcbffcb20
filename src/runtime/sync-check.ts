import { isSynchronised } from '../protocol/parse-info.js'
import type { ReplicaConnection } from './replica-connection.js'

const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 500

/**
 * Whether a replica holds what its primary held: asked of the replica itself on every new connection, since a sentinel's word on it
 * is up to ten seconds old. One that was emptied, or has just been started, answers reads with nothing until it is synchronised.
 */
export class SyncCheck {
  readonly #onChange: () => void
  /** The connection for which it was found so, by its number. */
  readonly #synchronised = new WeakMap<ReplicaConnection, number>()
  readonly #asking = new WeakSet<ReplicaConnection>()

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** False until its present connection has been asked; `onChange` tells when that is over. */
  passed(replica: ReplicaConnection): boolean {
    if (this.#synchronised.get(replica) === replica.session) return true
    if (!this.#asking.has(replica)) void this.#ask(replica)
    return false
  }

  async #ask(replica: ReplicaConnection): Promise<void> {
    this.#asking.add(replica)
    const { session } = replica
    const isCurrent = (): boolean => replica.connected && replica.session === session
    for (let waitMs = FIRST_WAIT_MS; isCurrent(); waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)) {
      if (await isSynchronisedNow(replica)) {
        if (isCurrent()) this.#synchronised.set(replica, session)
        break
      }
      await later(waitMs)
    }
    this.#asking.delete(replica)
    this.#onChange()
  }
}

async function isSynchronisedNow(replica: ReplicaConnection): Promise<boolean> {
  try {
    return isSynchronised(await replica.ask('info', 'replication'))
  } catch (error) {
    // A user without the right to INFO relies on the sentinels' word alone.
    return error instanceof Error && /^(NOPERM|ERR)\b/.test(error.message)
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
