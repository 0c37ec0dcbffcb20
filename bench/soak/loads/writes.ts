import type { SentinelRedis } from 'ioredis-sentinel'
import type { LedgerName, LedgerSpec } from './ledgers.js'
import { resultsOf, watchedIncrement } from './ledgers.js'

export interface WritingClients {
  readonly main: SentinelRedis
  readonly auto: SentinelRedis
  readonly watchA: SentinelRedis
  readonly watchB: SentinelRedis
}

/** Keys of the hash `fixed`, which is written once; its values are the keys again, so that a reply tells whose it is. */
export const FIXED_FIELDS = 64

const APPEND_AND_COUNT = `
  redis.call('INCR', KEYS[2])
  return redis.call('RPUSH', KEYS[1], ARGV[1])
`

type Scripted = SentinelRedis & { appendAndCount(list: string, counter: string, id: string): Promise<number> }

/** Every way to write, each with its own list or counter. `wrongReply` is told of replies that do not fit their call. */
export function writes(
  { main, auto, watchA, watchB }: WritingClients,
  wrongReply: (what: string) => void
): Readonly<Record<LedgerName, LedgerSpec>> {
  main.defineCommand('appendAndCount', { numberOfKeys: 2, lua: APPEND_AND_COUNT })
  const scripted = main as Scripted
  let turn = 0
  const fits = (what: string, value: unknown, right: boolean): void => {
    if (!right) wrongReply(`${what} answered ${JSON.stringify(value)}`)
  }
  const pipeline = async (id: string): Promise<void> => {
    const field = turn++ % FIXED_FIELDS
    const replies = await main
      .pipeline()
      .rpush('pipeline', id)
      .set('pipeline:last', id)
      .hget('fixed', String(field))
      .exec()
    const [length, ok, value] = resultsOf(replies)
    fits('RPUSH in a pipeline', length, typeof length === 'number')
    fits('SET in a pipeline', ok, ok === 'OK')
    fits(`HGET ${field} in a pipeline`, value, value === String(field))
  }
  const multi = async (id: string): Promise<void> => {
    const [length, count] = resultsOf(await main.multi().rpush('multi', id).incr('multi:n').exec())
    fits('RPUSH and INCR in MULTI', [length, count], length === count)
  }
  const automatic = async (id: string): Promise<void> => {
    const fields = [turn++, turn++, turn++].map((number) => String(number % FIXED_FIELDS))
    const reads = fields.map((field) => auto.hget('fixed', field))
    const length = auto.rpush('auto', id)
    const settled = await Promise.allSettled(reads)
    for (const [index, read] of settled.entries()) {
      if (read.status === 'rejected') wrongReply(`HGET failed: ${String(read.reason)}`)
      else fits(`HGET ${fields[index]} in an auto-pipeline`, read.value, read.value === fields[index])
    }
    await length
  }
  return {
    'list append': { everyMs: 10, write: (id) => main.rpush('append', id) },
    'list pipeline': { everyMs: 40, write: pipeline },
    'list multi': { everyMs: 40, write: multi },
    'list script': { everyMs: 40, write: (id) => scripted.appendAndCount('script', 'script:n', id) },
    'list auto': { everyMs: 20, write: automatic },
    'list watch-a': { everyMs: 250, write: watchedIncrement(watchA, 'watch:n', 'watch') },
    'list watch-b': { everyMs: 250, write: watchedIncrement(watchB, 'watch:n', 'watch') },
    'jobs blpop': { everyMs: 40, write: (id) => main.rpush('jobs:blpop', id) },
    'jobs blmove': { everyMs: 40, write: (id) => main.rpush('jobs:blmove', id) },
    'jobs xreadgroup': { everyMs: 40, write: (id) => main.xadd('jobs:xreadgroup', '*', 'id', id) },
    increments: { everyMs: 20, write: () => main.incr('increments') },
    hash: { everyMs: 20, write: (id) => main.hset('hash', id, id) }
  }
}
