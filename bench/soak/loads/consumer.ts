import type { SentinelRedis } from 'ioredis-sentinel'
import type { Consumed } from '../records.js'
import { ErrorCounts } from './stepwise.js'

/** Takes what there is, or waits for it; gives the ids of the jobs taken. */
export type Take = (client: SentinelRedis, state: { reconnected: boolean }) => Promise<readonly string[]>

/** Takes jobs with a client of its own, in a loop that lasts as long as the client, as a worker does. */
export class Consumer {
  readonly #client: SentinelRedis
  readonly #take: Take
  #seen: string[] = []
  #connectionsLost = 0
  #errors = new ErrorCounts()
  readonly #state = { reconnected: true }
  #stopped = false
  readonly #ended: Promise<void>

  constructor(client: SentinelRedis, take: Take) {
    this.#client = client
    this.#take = take
    client.on('close', () => {
      this.#connectionsLost += 1
    })
    client.on('ready', () => {
      this.#state.reconnected = true
    })
    this.#ended = this.#run()
  }

  get seen(): readonly string[] {
    return this.#seen
  }

  begin(): void {
    this.#seen = []
    this.#connectionsLost = 0
    this.#errors = new ErrorCounts()
  }

  finish(): Consumed {
    return { seen: this.#seen, connectionsLost: this.#connectionsLost, errors: this.#errors.all }
  }

  async close(): Promise<void> {
    this.#stopped = true
    this.#client.disconnect()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const taken = await this.#take(this.#client, this.#state)
        this.#seen.push(...taken)
      } catch (error) {
        if (!this.#stopped) this.#errors.add(error)
      }
    }
  }
}

export const takeByBlpop: Take = async (client) => {
  const taken = await client.blpop('jobs:blpop', 0)
  return taken === null ? [] : [taken[1]]
}

/** What was moved and not yet removed is in `busy`, for whoever looks after a crash. */
export function takeByBlmove(remover: SentinelRedis): Take {
  return async (client) => {
    const id = await client.blmove('jobs:blmove', 'busy', 'LEFT', 'RIGHT', 2)
    if (id === null) return []
    await remover.lrem('busy', 0, id)
    return [id]
  }
}

type Entries = readonly [id: string, fields: readonly string[] | null][]

/** On every new connection, what is pending comes first: it was given to this consumer, and the reply may be lost. */
export const takeByXreadgroup: Take = async (client, state) => {
  const pendingToo = state.reconnected
  state.reconnected = false
  const read = (from: string): Promise<unknown> =>
    client.xreadgroup('GROUP', 'workers', 'one', 'COUNT', 20, 'BLOCK', 1_000, 'STREAMS', 'jobs:xreadgroup', from)
  let reply: unknown
  try {
    reply = await read(pendingToo ? '0' : '>')
  } catch (error) {
    state.reconnected = true
    throw error
  }
  const entries = ((reply ?? []) as readonly [key: string, entries: Entries][]).flatMap(([, found]) => found)
  if (entries.length === 0) return []
  await client.xack('jobs:xreadgroup', 'workers', ...entries.map(([id]) => id))
  if (pendingToo) state.reconnected = true
  return entries.flatMap(([, fields]) => fields?.[1] ?? [])
}
