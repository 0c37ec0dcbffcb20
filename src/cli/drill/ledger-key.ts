import type { SentinelRedis } from '../../index.js'
import { DrillError } from './problem.js'

/** Asked for in parts, so that no single answer holds the server up. */
const PART = 5_000
/** Of an element of a list, its id of nine letters included: MEMORY USAGE says 11 with Redis 7.0, and others may take more. */
export const BYTES_A_WRITE = 16

/** The one key that a drill writes, how it is asked about, and what it takes to be allowed to. */
export class LedgerKey {
  readonly name: string
  readonly #prefix: string
  readonly #ttlMs: number

  /** `id` keeps two drills apart. */
  constructor(prefix: string, id: string, ttlMs: number) {
    this.#prefix = prefix
    this.#ttlMs = ttlMs
    this.name = `${prefix}${id}`
  }

  /** Tries all that a drill will do, on a key beside its own that is gone afterwards. @throws DrillError saying what is missing. */
  async tryOut(writer: SentinelRedis, reader: SentinelRedis): Promise<void> {
    const name = `${this.name}:try`
    try {
      await writer.rpush(name, 'try')
      await writer.pexpire(name, this.#ttlMs)
      await reader.lindex(name, -1)
      await writer.lrange(name, 0, 0)
      await writer.del(name)
    } catch (error) {
      const { message } = error as Error
      const remedy = message.startsWith('NOPERM')
        ? `A drill needs: ACL SETUSER ${writer.options.username ?? 'default'} ~${this.#prefix}* +rpush +pexpire +lindex +lrange +del; or give --key-prefix with one that this user may write.`
        : 'The drill needs a primary that takes writes.'
      throw new DrillError('not-begun', `the key "${name}" cannot be written: ${message}. ${remedy}`, { cause: error })
    }
  }

  /** The one write of the ledger. */
  async add(writer: SentinelRedis, id: string): Promise<void> {
    await writer.rpush(this.name, id)
  }

  /** What readers ask: the newest id. */
  async newest(reader: SentinelRedis): Promise<string | null> {
    return reader.lindex(this.name, -1)
  }

  /** So that nothing stays when this process is killed. */
  async renew(writer: SentinelRedis): Promise<void> {
    await writer.pexpire(this.name, this.#ttlMs)
  }

  /** All ids that the primary holds, in their order. */
  async all(writer: SentinelRedis): Promise<string[]> {
    const primary = writer.with({ readFrom: 'primary' })
    const ids: string[] = []
    for (;;) {
      const part = await primary.lrange(this.name, ids.length, ids.length + PART - 1)
      ids.push(...part)
      if (part.length < PART) return ids
    }
  }

  async remove(writer: SentinelRedis): Promise<void> {
    await writer.del(this.name)
  }
}
