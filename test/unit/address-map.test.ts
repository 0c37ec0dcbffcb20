import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/runtime/address-map.js'
import { emptyTopology } from '../../src/topology/topology.js'
import type { SentinelView, Topology } from '../../src/topology/topology.js'

const node = (port: number): { host: string; port: number } => ({ host: '10.0.0.1', port })

function book(entries: readonly string[], map?: () => never) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as never) })
  return {
    lines,
    addresses: new AddressBook(map ?? ((announced) => ({ announced, reached: announced })), entries, log)
  }
}

const sentinel = (key: string, seenAt = 1): SentinelView =>
  ({ key, reachable: seenAt > 0, seenAt, unknownName: false }) as never

const stable: Topology = {
  ...emptyTopology('mymaster'),
  phase: { kind: 'stable' },
  primary: { address: node(1), since: 0, confirmed: true },
  replicas: [{ address: node(2) } as never],
  sentinels: [sentinel('127.0.0.1:1')]
}

describe('AddressBook', () => {
  it('names entries that nobody announces, once, when all sentinels have been heard', () => {
    const { lines, addresses } = book(['10.0.0.1:1', '10.0.0.1:2', '10.0.0.1:3', '10.0.0.1:4'])
    addresses.follow({ ...stable, sentinels: [sentinel('127.0.0.1:1'), sentinel('127.0.0.1:2', 0)] }, new Set())
    addresses.follow({ ...stable, phase: { kind: 'unknown' } }, new Set())
    expect(lines).toEqual([])
    addresses.follow(stable, new Set(['10.0.0.1:3']))
    addresses.follow(stable, new Set())
    expect(lines).toMatchObject([
      { unannounced: ['10.0.0.1:4'], announced: ['10.0.0.1:1', '10.0.0.1:2', '10.0.0.1:3'] }
    ])
    expect(lines[0]?.['msg']).toMatch(/no sentinel announces/)
  })

  it('says nothing when all are announced, or the map is a function', () => {
    for (const entries of [['10.0.0.1:2'], []]) {
      const { lines, addresses } = book(entries)
      addresses.follow(stable, new Set())
      expect(lines).toEqual([])
    }
  })

  it('gives the announced address when the map fails, and says why, once for each reason', () => {
    let reason = 'one'
    const { lines, addresses } = book([], () => {
      throw new Error(reason)
    })
    const routes = [addresses.routeTo(node(1), 'primary'), addresses.routeTo(node(2), 'replica')]
    expect(routes.map(({ reached }) => reached)).toEqual([node(1), node(2)])
    reason = 'two'
    addresses.routeTo(node(1), 'primary')
    expect(lines).toMatchObject([{ err: { message: 'one' } }, { err: { message: 'two' } }])
    expect(addresses.hint(node(1))).toBe('; two')
  })

  it('tells of a node that is not named', () => {
    const { addresses } = book(['10.0.0.1:1'])
    expect(addresses.hint(node(1))).toBe('')
    expect(addresses.hint(node(2))).toBe('; addressMap does not name 10.0.0.1:2, it names 10.0.0.1:1')
    expect(book([]).addresses.hint(node(2))).toBe('')
  })
})
