import { expect, test } from 'vitest'
import { announce } from '../../src/runtime/announce.js'
import type { SentinelView, Topology } from '../../src/topology/topology.js'
import { emptyTopology } from '../../src/topology/topology.js'

const view = (key: string, reachable: boolean): SentinelView => ({
  key,
  reachable,
  tilt: false,
  unknownName: false,
  replicas: [],
  seenAt: 0
})

const of = (...sentinels: SentinelView[]): Topology => ({ ...emptyTopology('mymaster'), sentinels })

function told(topology: Topology, before: Topology): string[] {
  const events: string[] = []
  announce(topology, before, (name, ...args) => {
    const [first] = args as unknown[]
    if (name !== 'topology') events.push(`${name} ${(first as SentinelView).key}`)
  })
  return events
}

test('a sentinel that is removed while it can be reached is down, as one that is lost is', () => {
  const both = of(view('a:1', true), view('b:1', true))
  expect(told(of(view('a:1', true)), both)).toEqual(['sentinel-down b:1'])
  expect(told(of(view('a:1', true), view('b:1', false)), both)).toEqual(['sentinel-down b:1'])
  expect(told(of(view('a:1', true)), of(view('a:1', true), view('b:1', false)))).toEqual([])
  expect(told(both, of(view('a:1', true)))).toEqual(['sentinel-up b:1'])
})
