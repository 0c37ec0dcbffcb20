import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadCandidate, ReadFrom } from '../../src/routing/read-policy.js'
import { chooseNode, READ_POLICIES } from '../../src/routing/read-policy.js'
import { emptyTopology } from '../../src/topology/topology.js'

const topology = emptyTopology('mymaster')
const request = { name: 'get', args: ['k'] }

function node(last: number, over: Partial<ReadCandidate> = {}): ReadCandidate {
  return { address: { host: `10.0.0.${last}`, port: 6379 }, isPrimary: false, pending: 0, latencyMs: 1, ...over }
}

const primary = node(1, { isPrimary: true })
const [b, c] = [node(2), node(3)]

function choose(policy: ReadFrom, candidates: readonly ReadCandidate[], turn = 0): ReadCandidate | undefined {
  return chooseNode(policy, candidates, topology, request, turn)
}

/** Who is chosen in eight turns. */
function turns(policy: ReadFrom, candidates: readonly ReadCandidate[]): Set<ReadCandidate | undefined> {
  return new Set([0, 1, 2, 3, 4, 5, 6, 7].map((turn) => choose(policy, candidates, turn)))
}

describe('chooseNode', () => {
  it.each<readonly [ReadFrom, readonly ReadCandidate[], readonly (ReadCandidate | undefined)[]]>([
    ['replicaPreferred', [b, c, primary], [b, c]],
    ['replicaPreferred', [primary], [undefined]],
    ['replicaPreferred', [], [undefined]],
    ['replica', [b, primary], [b]],
    ['replica', [primary], [undefined]],
    ['primary', [b, primary], [undefined]],
    ['primaryPreferred', [b, c, primary], [undefined]],
    ['primaryPreferred', [b, c], [b, c]],
    ['primaryPreferred', [], [undefined]],
    ['any', [b, c, primary], [b, c, primary]],
    ['any', [], [undefined]],
    ['nearest', [b, primary], [b, primary]],
    ['nearest', [], [undefined]]
  ])('%s', (policy, candidates, chosen) => {
    expect(turns(policy, candidates)).toEqual(new Set(chosen))
  })

  it('takes the one with the least work waiting; equals take turns', () => {
    const busy = node(4, { pending: 2 })
    expect(turns('any', [busy, b, c])).toEqual(new Set([b, c]))
    expect(turns('replicaPreferred', [busy, node(5, { pending: 9 })])).toEqual(new Set([busy]))
    expect(turns('primaryPreferred', [busy, b])).toEqual(new Set([b]))
  })

  it('nearest: 20 % or 0.2 ms are no difference, more is', () => {
    const at = (last: number, latencyMs: number, pending = 0): ReadCandidate => node(last, { latencyMs, pending })
    expect(turns('nearest', [at(1, 10), at(2, 11.9)]).size).toBe(2)
    expect(turns('nearest', [at(1, 10), at(2, 12.1)]).size).toBe(1)
    expect(turns('nearest', [at(1, 0.1), at(2, 0.29)]).size).toBe(2)
    expect(turns('nearest', [at(1, 0.1), at(2, 0.31)]).size).toBe(1)
    const [near, far] = [at(1, 1, 50), at(2, 5)]
    expect(turns('nearest', [near, far])).toEqual(new Set([near]))
  })

  it('takes a node of the own zone first, whatever waits there, and any other only without one', () => {
    const own = node(4, { sameZone: true, pending: 9, latencyMs: 50 })
    const other = node(5, { sameZone: true, pending: 9, latencyMs: 10 })
    for (const policy of ['replicaPreferred', 'replica', 'primaryPreferred', 'any', 'nearest'] as const)
      expect(turns(policy, [b, own, c])).toEqual(new Set([own]))
    expect(turns('replicaPreferred', [b, own, c, other])).toEqual(new Set([own, other]))
    expect(turns('any', [node(1, { isPrimary: true, sameZone: true }), b, own])).toEqual(
      new Set([expect.objectContaining({ isPrimary: true })])
    )
    expect(turns('replicaPreferred', [node(1, { isPrimary: true, sameZone: true }), b])).toEqual(new Set([b]))
    expect(turns('nearest', [own, other, b])).toEqual(new Set([other]))
    expect(choose(() => [b.address], [own, b])).toBe(b)
  })

  it('nearest: a node that was never measured is tried', () => {
    const fresh = node(4, { latencyMs: undefined })
    expect(turns('nearest', [fresh, node(5, { latencyMs: 3 })])).toEqual(new Set([fresh]))
  })

  it('a function: the first of its addresses that is connected, else the primary', () => {
    const wants =
      (...hosts: number[]): ReadFrom =>
      () =>
        hosts.map((last) => node(last).address)
    expect(choose(wants(9, 3, 2), [b, c])).toBe(c)
    expect(choose(wants(1, 2), [b, primary])).toBe(primary)
    expect(choose(wants(9), [b, c])).toBeUndefined()
    expect(choose(wants(), [b, c])).toBeUndefined()
  })

  it('a function is told the topology and the command', () => {
    let told: unknown[] = []
    choose(
      (...given) => {
        told = given
        return []
      },
      [b]
    )
    expect(told).toEqual([topology, request])
  })

  it('chooses a candidate or none, and never the primary for replica', () => {
    const candidates = fc.array(
      fc.record({
        last: fc.integer({ min: 1, max: 9 }),
        isPrimary: fc.boolean(),
        pending: fc.nat(3),
        latencyMs: fc.option(fc.double({ min: 0, max: 50, noNaN: true }), { nil: undefined }),
        sameZone: fc.boolean()
      }),
      { maxLength: 5 }
    )
    fc.assert(
      fc.property(fc.constantFrom(...READ_POLICIES), candidates, fc.nat(), (policy, some, turn) => {
        const nodes = some.map(({ last, ...over }) => node(last, over))
        const chosen = choose(policy, nodes, turn)
        if (chosen === undefined) {
          if (policy === 'any' || policy === 'nearest') expect(nodes).toEqual([])
          return
        }
        expect(nodes).toContain(chosen)
        if (policy === 'replica' || policy === 'replicaPreferred') expect(chosen.isPrimary).toBe(false)
        if (policy !== 'nearest') {
          const rivals = nodes.filter((one) => policy === 'any' || one.isPrimary === chosen.isPrimary)
          const near = rivals.filter((one) => one.sameZone === true)
          expect(chosen.sameZone === true).toBe(near.length > 0)
          expect(chosen.pending).toBe(Math.min(...(near.length > 0 ? near : rivals).map((one) => one.pending)))
        }
      })
    )
  })
})
