import type { FakeSentinel } from 'ioredis-sentinel/testkit'
import { startFakeSentinel } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Address } from '../../src/protocol/address.js'
import { formatAddress } from '../../src/protocol/address.js'
import { accessOf } from '../../src/runtime/access.js'
import { SentinelHub } from '../../src/runtime/sentinel-hub.js'
import type { Observation } from '../../src/topology/observation.js'
import { eventually } from './support/server-view.js'

const GROUP = 'mymaster'
const MINUTE_MS = 61_000

let laterMs = 0
let seed: FakeSentinel
let others: FakeSentinel[]
let hub: SentinelHub
let seen: Observation[]

beforeEach(async () => {
  laterMs = 0
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + laterMs)
  others = [await startFakeSentinel({ id: 'x' }), await startFakeSentinel({ id: 'y' })]
  seed = await startFakeSentinel({ id: 'seed' })
  seen = []
  hub = new SentinelHub({
    seeds: [seed.address],
    access: accessOf({ hop: 'sentinel', credentials: { username: undefined, password: undefined }, tls: undefined }),
    timeoutMs: 1_000,
    family: undefined,
    pollIntervalMs: 50,
    routeTo: (announced) => ({ announced, reached: announced })
  })
})

afterEach(async () => {
  hub.close()
  for (const one of [seed, ...others]) await one.close()
  vi.restoreAllMocks()
})

function names(...sentinels: readonly FakeSentinel[]): void {
  const primary = { host: '127.0.0.1', port: 1 }
  seed.state.groups = {
    [GROUP]: { primary, replicas: [], sentinels: sentinels.map(({ address }) => ({ address })) }
  }
}

function follow(): void {
  hub.follow({ group: GROUP, observe: (observation) => seen.push(observation), trouble: () => undefined })
}

function told(kind: Observation['kind'], address: Address): number {
  return seen.filter((one) => one.kind === kind && 'from' in one && one.from === formatAddress(address)).length
}

/** Its run id, by the link that there is to it. */
async function linked({ address }: FakeSentinel): Promise<unknown> {
  return hub.command(formatAddress(address), ['MYID'])
}

test('a sentinel that gets the address of one that lives elsewhere by now is linked', async () => {
  const [first, second] = others as [FakeSentinel, FakeSentinel]
  names(first)
  follow()
  await eventually(async () => {
    expect(await linked(first)).toBe('x')
  })
  // The pod is made anew, with another address and its old identity.
  first.refuse()
  first.disconnectAll()
  second.state.id = 'x'
  names(second)
  await eventually(async () => {
    expect(await linked(second)).toBe('x')
  })
  laterMs = MINUTE_MS
  await eventually(() => {
    expect(told('sentinel-removed', first.address)).toBe(1)
  })

  first.state.id = 'y'
  await first.recover()
  names(first, second)
  await eventually(async () => {
    expect(await linked(first)).toBe('y')
  })
  expect(await linked(second)).toBe('x')
})

test('a sentinel that gets the second address of another one is linked within a minute', async () => {
  const [first, second] = others as [FakeSentinel, FakeSentinel]
  second.state.id = 'x'
  names(first)
  follow()
  await eventually(async () => {
    expect(await linked(first)).toBe('x')
  })
  names(first, second)
  await eventually(() => {
    expect(told('sentinel-removed', second.address)).toBe(1)
  })
  const asked = (): number => second.received.filter((words) => words.includes('MYID')).length
  const before = asked()

  // It is the same still: who is there has been asked, and nobody was told.
  laterMs = MINUTE_MS
  await eventually(() => {
    expect(asked()).toBe(before + 1)
  })
  await eventually(() => {
    expect(second.connections).toBe(0)
  })
  expect(told('sentinel-added', second.address)).toBe(1)

  second.state.id = 'y'
  laterMs = 2 * MINUTE_MS
  await eventually(async () => {
    expect(await linked(second)).toBe('y')
  })
  expect(await linked(first)).toBe('x')
  expect(told('sentinel-added', second.address)).toBe(2)
})
