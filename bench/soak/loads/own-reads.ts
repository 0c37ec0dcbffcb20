import type { SentinelRedis } from 'ioredis-sentinel'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnReads } from '../records.js'
import { ErrorCounts } from './stepwise.js'

const PACE_MS = 10
const KEYS = 8

/** Sets keys and reads each back at once, by whichever node the client chooses. */
export class OwnReadLoop {
  readonly #client: SentinelRedis
  #checked = 0
  #stale: string[] = []
  #errors = new ErrorCounts()
  #moves = 0
  #number = 0
  #running = false
  #ended: Promise<void> = Promise.resolve()

  constructor(client: SentinelRedis) {
    this.#client = client
    client.on('primary-changed', () => {
      this.#moves += 1
    })
  }

  begin(): void {
    this.#checked = 0
    this.#stale = []
    this.#errors = new ErrorCounts()
    this.#running = true
    this.#ended = this.#run()
  }

  async finish(): Promise<OwnReads> {
    this.#running = false
    await this.#ended
    return { checked: this.#checked, stale: this.#stale, errors: this.#errors.all }
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const number = ++this.#number
      try {
        await this.#check(`own:${number % KEYS}`, String(number))
      } catch (error) {
        this.#errors.add(error)
      }
      await sleep(PACE_MS)
    }
  }

  async #check(key: string, value: string): Promise<void> {
    const movesBefore = this.#moves
    await this.#client.set(key, value)
    const read = await this.#client.get(key)
    // What the old primary took with it cannot be read back.
    if (this.#moves !== movesBefore) return
    this.#checked += 1
    if (read !== value) this.#stale.push(`${key} is ${String(read)} after its own SET of ${value}`)
  }
}
