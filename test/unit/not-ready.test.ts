import { NoPrimaryError } from 'ioredis-sentinel'
import { expect, test } from 'vitest'
import { knowNoSuchGroup, whyNotReady } from '../../src/runtime/not-ready.js'
import type { SentinelView, Topology } from '../../src/topology/topology.js'
import { emptyTopology } from '../../src/topology/topology.js'

const ADDRESS = { host: '10.0.0.1', port: 6379 }

const knowing = (unknownName: boolean): SentinelView => ({
  key: 's:26379',
  reachable: true,
  tilt: false,
  unknownName,
  replicas: [],
  seenAt: 1
})

const withPrimary = (...sentinels: SentinelView[]): Topology => ({
  ...emptyTopology('mymaster'),
  phase: { kind: 'stable' },
  primary: { address: ADDRESS, since: 0, confirmed: true },
  sentinels
})

const why = (topology: Topology): Error =>
  whyNotReady(topology, { sentinelErrors: {}, knownNames: ['renamed'], lastTrouble: undefined, mapHint: () => '' })

test('a group that was renamed or removed while its primary was in use is told as such', () => {
  const error = why(withPrimary(knowing(true)))
  expect(error).toBeInstanceOf(NoPrimaryError)
  expect(error.message).toBe('the sentinels s:26379 know no group "mymaster"; they know: renamed')
  expect(why(withPrimary(knowing(true), knowing(false))).message).toMatch(/10\.0\.0\.1:6379 is named as the primary/)
})

test('the primary that is known stays in use then: nothing is failed at once', () => {
  expect(knowNoSuchGroup([knowing(true)], true)).toBe(false)
  expect(knowNoSuchGroup([knowing(true)], false)).toBe(true)
})
