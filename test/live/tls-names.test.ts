import type { Address } from 'ioredis-sentinel'
import { expect, test } from 'vitest'
import { UNHURRIED, withOwnHosts } from './support/own-hosts.js'

interface Told {
  readonly announced: readonly Address[]
  /** The server names (SNI) that arrived at each server. */
  readonly byName: Readonly<Record<string, readonly string[]>>
  readonly byDetour: Readonly<Record<string, readonly string[]>>
  readonly direct: Readonly<Record<string, readonly string[]>>
  /** What the command line says. */
  readonly status: string
  readonly values: readonly string[]
  readonly value: string
  readonly errors: readonly string[]
}

const NODES = ['node-0', 'node-1', 'node-2'].map((name) => `${name}.redis.test`)
const SENTINELS = ['sentinel-3', 'sentinel-4', 'sentinel-5'].map((name) => `${name}.redis.test`)

const eachIts = (names: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(names.map((name) => [name, [name]]))

test(
  'certificates that have names only: each server is verified by the name that is announced, with an address map too',
  UNHURRIED,
  async (context) => {
    const told = (await withOwnHosts(context, './tls-names-program.ts')) as Told
    expect(told.announced.map(({ host }) => host).sort()).toEqual(NODES)
    expect(told.errors).toEqual([])
    expect(told.status.match(/ OK 3 usable Sentinels$/gm)).toHaveLength(3)
    expect(told.status.trimEnd().split('\n').at(-1)).toBe('healthy')
    expect(told.byName).toEqual(eachIts([...NODES, ...SENTINELS]))
    expect(told.values).toEqual(['1', '1'])
    expect(told.value).toBe('1')
    // The one seed is reached as it was given; what it announces is reached through the map.
    expect(told.byDetour).toEqual(eachIts([...NODES, ...SENTINELS].filter((name) => name in told.byDetour)))
    expect(Object.keys(told.byDetour)).toEqual(expect.arrayContaining([...NODES, ...SENTINELS.slice(1)]))
    expect(told.direct[SENTINELS[0] ?? '']).toEqual([SENTINELS[0]])
  }
)
