import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Jobs, List } from '../records.js'

/** What the primary holds when a step is over. */
export interface FinalState {
  /** The elements of each list in order; both ledgers of WATCH write to one. */
  readonly lists: Readonly<Record<List, readonly string[]>>
  readonly counters: Readonly<Record<Counter, number>>
  readonly hashFields: readonly string[]
  /** Jobs that nobody has taken, or that were taken and not done with. */
  readonly left: Jobs
}

export type Counter = 'increments' | 'multi:n' | 'script:n' | 'watch:n'

/** What the writes of one step leave behind. The stream stays, its group with it. */
const KEYS = [
  ...['append', 'pipeline', 'pipeline:last', 'multi', 'multi:n', 'script', 'script:n', 'auto', 'watch', 'watch:n'],
  ...['increments', 'hash', 'jobs:blpop', 'jobs:blmove', 'busy']
]
const SWEPT_WITHIN_MS = 20_000

export async function readFinalState(primary: LocalNode): Promise<FinalState> {
  const list = async (key: string): Promise<string[]> => (await primary.command('LRANGE', key, 0, -1)) as string[]
  const counter = async (key: string): Promise<number> => Number((await primary.command('GET', key)) ?? 0)
  const watch = await list('watch')
  const entries = (await primary.command('XRANGE', 'jobs:xreadgroup', '-', '+')) as [string, string[]][]
  const [group] = (await primary.command('XINFO', 'GROUPS', 'jobs:xreadgroup')) as (string | number)[][]
  const delivered = String(group?.[group.indexOf('last-delivered-id') + 1] ?? '0-0')
  const pending = (await primary.command('XPENDING', 'jobs:xreadgroup', 'workers', '-', '+', 1_000)) as [string][]
  const open = new Set(pending.map(([id]) => id))
  return {
    lists: {
      append: await list('append'),
      pipeline: await list('pipeline'),
      multi: await list('multi'),
      script: await list('script'),
      auto: await list('auto'),
      'watch-a': watch,
      'watch-b': watch
    },
    counters: {
      increments: await counter('increments'),
      'multi:n': await counter('multi:n'),
      'script:n': await counter('script:n'),
      'watch:n': await counter('watch:n')
    },
    hashFields: (await primary.command('HKEYS', 'hash')) as string[],
    left: {
      blpop: await list('jobs:blpop'),
      blmove: [...(await list('jobs:blmove')), ...(await list('busy'))],
      xreadgroup: entries
        .filter(([id]) => open.has(id) || laterThan(id, delivered))
        .flatMap(([, fields]) => fields[1] ?? [])
    }
  }
}

/** Stream ids are two numbers each. */
function laterThan(id: string, other: string): boolean {
  const [a = 0, b = 0] = id.split('-').map(Number)
  const [c = 0, d = 0] = other.split('-').map(Number)
  return a > c || (a === c && b > d)
}

/** Clears the ground for the next step, on every node. */
export async function sweep(topology: LocalTopology): Promise<void> {
  const primary = await topology.primary()
  await primary.command('DEL', ...KEYS)
  await primary.command('XTRIM', 'jobs:xreadgroup', 'MAXLEN', 0)
  await waitUntil('nothing of this step on any node', SWEPT_WITHIN_MS, async () => {
    const counts = await Promise.all(
      topology.nodes.map(async (node) => [
        Number(await node.command('EXISTS', ...KEYS)),
        Number(await node.command('XLEN', 'jobs:xreadgroup'))
      ])
    )
    const left = counts.flat().reduce((sum, count) => sum + count, 0)
    return left === 0 ? { done: true } : { notYet: `${left} left` }
  })
}
