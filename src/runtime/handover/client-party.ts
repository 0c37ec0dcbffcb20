import type { AnyRedis } from '../any-redis.js'
import type { Arg } from '../../routing/arg.js'
import { blockingMs } from '../../routing/blocking.js'
import { pause } from '../backoff.js'
import type { Dispatcher } from '../dispatcher.js'
import { listInFlight } from '../ioredis-internals.js'
import type { Party } from './parties.js'

/** What is on the wire to a live primary is answered long before; what is not then waits in the pause. */
const ANSWERED_WITHIN_MS = 250

/** One client of a handover: its calls wait here instead of in the paused primary, where they would end with its connection. */
export class ClientParty implements Party {
  readonly #redis: AnyRedis
  readonly #dispatcher: Dispatcher

  constructor(redis: AnyRedis, dispatcher: Dispatcher) {
    this.#redis = redis
    this.#dispatcher = dispatcher
  }

  async hold(): Promise<void> {
    this.#dispatcher.holdForHandover(true)
    const flying = listInFlight(this.#redis)
      .filter(({ command }) => blockingMs(command.name, command.args as Arg[]) === undefined)
      .map(({ command }) => command.promise)
    const over = new AbortController()
    await Promise.race([Promise.allSettled(flying), pause(ANSWERED_WITHIN_MS, over.signal)])
    over.abort()
  }

  release(): void {
    this.#dispatcher.holdForHandover(false)
  }
}
