import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import { greetWith, passThrough, question } from './ioredis-internals.js'

const DONE = 'OK'

/**
 * What ioredis says first on a connection to the primary. The node has been greeted on it with the same user, password and
 * protocol already, and its answer checked (`open-node.ts`): that need not be asked again. What tells the node about the client
 * (its name, the library) is written, and its answer, which ioredis ignores, is not waited for. So commands follow at once.
 */
export class Greeting {
  readonly #redis: AnyRedis
  #greeted = true
  #introductions = 0

  constructor(redis: AnyRedis) {
    this.#redis = redis
  }

  /** ioredis is about to connect: it need not know user and password. */
  withoutCredentials(): void {
    greetWith(this.#redis, {})
  }

  /** ioredis gets a socket, and greets on it next. */
  begin(): void {
    const { connectionName, disableClientInfo } = this.#redis.options
    this.#greeted = false
    this.#introductions = (connectionName ? 1 : 0) + (disableClientInfo === true ? 0 : 2)
  }

  /** True when ioredis's greeting needs no more; false when it is to be sent, and waited for. */
  settles(command: Command): boolean {
    if (!this.#greeted && (command.name === 'hello' || command.name === 'auth')) {
      this.#greeted = true
      command.resolve(DONE)
      return true
    }
    if (command.name !== 'client' || this.#introductions === 0) return false
    this.#introductions -= 1
    const introduction = question('client', ...command.args.map(String))
    introduction.promise.catch(() => undefined)
    passThrough(this.#redis, introduction)
    command.resolve(DONE)
    return true
  }
}
