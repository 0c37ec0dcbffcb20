import type { Address } from '../../protocol/address.js'
import { WireError } from '../../protocol/handshake.js'
import type { AskedNode } from './asked-node.js'

/**
 * How long a pause lasts when nobody renews or ends it: what writers wait if this process dies. Renewed well before.
 */
export const PAUSE_LEASE_MS = 5_000
const RENEW_EVERY_MS = 1_000

/** Each is refused for its arguments by whoever may call it, and for his rights before that by whoever may not: redis `server.c` processCommand(). */
const REHEARSAL: readonly (readonly [right: string, command: readonly string[]])[] = [
  ['client|pause', ['CLIENT', 'PAUSE', 'rehearsal', 'WRITE']],
  ['client|kill', ['CLIENT', 'KILL', 'TYPE', 'rehearsal']],
  ['replicaof', ['REPLICAOF', 'rehearsal', 'rehearsal']]
]

/** The node that gives its place away: paused, then made a replica, then let go. */
export class OldPrimary {
  readonly #node: AskedNode
  #renewal: NodeJS.Timeout | undefined
  #pausedUntil = Infinity
  #lapsed = false

  constructor(node: AskedNode) {
    this.#node = node
  }

  get address(): Address {
    return this.#node.address
  }

  /** A pause was asked for, and not ended yet. */
  get paused(): boolean {
    return this.#renewal !== undefined
  }

  /** The rights that the user lacks, in the words of ACL SETUSER. Changes nothing. */
  async missingRights(): Promise<readonly string[]> {
    const answers = await this.#node.ask(...REHEARSAL.map(([, command]) => command))
    return REHEARSAL.flatMap(([right], index) => {
      const answer = answers[index]
      return answer instanceof WireError && answer.message.startsWith('NOPERM') ? [right] : []
    })
  }

  /** Writers wait from now on: CLIENT PAUSE WRITE, renewed until it is ended. */
  async pause(): Promise<void> {
    // Before the first answer: without one it may be paused all the same.
    this.#renewal = setInterval(() => {
      this.#pauseOnce().catch(() => undefined)
    }, RENEW_EVERY_MS)
    await this.#pauseOnce()
  }

  /** The pause ran out at least once before it was renewed: writes may have been executed meanwhile. */
  get lapsed(): boolean {
    return this.#lapsed || performance.now() > this.#pausedUntil
  }

  async unpause(): Promise<void> {
    this.#stopRenewing()
    await this.#must(['CLIENT', 'UNPAUSE'])
  }

  /** Makes it a replica: what writers wait with is then refused instead of executed. */
  async follow({ host, port }: Address): Promise<void> {
    await this.#must(['REPLICAOF', host, String(port)])
  }

  /** Closes all connections of clients, so that they look for the primary anew, and ends the pause. */
  async letGo(): Promise<void> {
    this.#stopRenewing()
    await this.#must(['CLIENT', 'KILL', 'TYPE', 'normal'], ['CLIENT', 'KILL', 'TYPE', 'pubsub'], ['CLIENT', 'UNPAUSE'])
  }

  /** Undefined when it wrote its new role to its configuration file, else why not. */
  async remember(): Promise<string | undefined> {
    const [answer] = await this.#node.ask(['CONFIG', 'REWRITE'])
    return answer instanceof WireError ? answer.message : undefined
  }

  /** Ends the renewing; the connection is the caller's. */
  close(): void {
    this.#stopRenewing()
  }

  async #pauseOnce(): Promise<void> {
    const until = performance.now() + PAUSE_LEASE_MS
    await this.#must(['CLIENT', 'PAUSE', String(PAUSE_LEASE_MS), 'WRITE'])
    if (performance.now() > this.#pausedUntil) this.#lapsed = true
    this.#pausedUntil = until
  }

  #stopRenewing(): void {
    clearInterval(this.#renewal)
    this.#renewal = undefined
  }

  async #must(...commands: readonly (readonly string[])[]): Promise<void> {
    const answers = await this.#node.ask(...commands)
    for (const answer of answers) if (answer instanceof WireError) throw new Error(answer.message)
  }
}
