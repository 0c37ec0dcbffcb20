import type { RedisOptions } from 'ioredis'
import { Redis } from 'ioredis'

/** Resolves when this answer to a command of this name may be told. */
export type Late = (command: string, answer: unknown) => Promise<void> | undefined

/** ioredis itself on a network that is slow where one wants it to be: answers are told late. Its duplicates are like it. */
export class LateRedis extends Redis {
  readonly #late: Late

  constructor(options: RedisOptions, late: Late) {
    super(options as RedisOptions & { replyMapping: 'legacy' })
    this.#late = late
  }

  override duplicate(options?: Partial<RedisOptions>): Redis {
    return new LateRedis({ ...this.options, ...options }, this.#late)
  }

  override async sendCommand(...words: Parameters<Redis['sendCommand']>): Promise<unknown> {
    const answer = await super.sendCommand(...words)
    await this.#late(words[0].name, answer)
    return answer
  }
}
