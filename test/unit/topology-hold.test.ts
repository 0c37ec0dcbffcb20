import { expect, test } from 'vitest'
import { steadyNow } from '../../src/runtime/steady-now.js'
import { TopologyHold } from '../../src/runtime/topology-hold.js'
import type { Phase, Topology } from '../../src/topology/topology.js'
import { emptyTopology } from '../../src/topology/topology.js'

const LIMIT_MS = 100

function holding(): { readonly hold: TopologyHold; readonly said: boolean[]; readonly expired: () => number } {
  const said: boolean[] = []
  let expired = 0
  const hold = new TopologyHold(
    { holdWrites: 'odown', holdLimitMs: LIMIT_MS },
    (is) => {
      if (said.at(-1) !== is) said.push(is)
    },
    () => (expired += 1)
  )
  return { hold, said, expired: () => expired }
}

const inPhase = (phase: Phase): Topology => ({ ...emptyTopology('mymaster'), phase })

const expiry = (expired: () => number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setInterval(() => {
      if (expired() === 0) return
      clearInterval(timer)
      resolve()
    }, 5)
  })

test('a failover that begins when the hold has run out is held for again, and one that was under way is not', async () => {
  const { hold, said, expired } = holding()
  const since = steadyNow()
  hold.follow(inPhase({ kind: 'suspect', by: 'odown', since }), since)
  await expiry(expired)
  expect(said).toEqual([true, false])
  hold.follow(inPhase({ kind: 'failover', since }), steadyNow())
  expect(said).toEqual([true, false])
  const later = steadyNow() + 1
  hold.follow(inPhase({ kind: 'failover', since: later }), later)
  expect(said).toEqual([true, false, true])
  hold.follow(inPhase({ kind: 'stable' }), later)
  expect(said).toEqual([true, false, true, false])
  hold.stop()
})

test('when a later failover comes to nothing, its doubt is the one whose hold has run out', async () => {
  const { hold, said, expired } = holding()
  const since = steadyNow()
  const odown: Phase = { kind: 'suspect', by: 'odown', since }
  hold.follow(inPhase(odown), since)
  await expiry(expired)
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const later = steadyNow() + 1
    hold.follow(inPhase({ kind: 'failover', since: later }), later)
    hold.follow(inPhase(odown), later)
  }
  expect(said).toEqual([true, false, true, false, true, false])
  hold.stop()
})

test('when this process stood still, what the sentinels said meanwhile is heard before the hold runs out', async () => {
  const { hold, said, expired } = holding()
  await new Promise<void>((resolve) => {
    // Behind this phase come the timers, then what sockets have, then the next of these.
    setImmediate(() => {
      const since = steadyNow()
      hold.follow(inPhase({ kind: 'failover', since }), since)
      setImmediate(() => {
        hold.follow(inPhase({ kind: 'verifying', since, candidate: { host: '10.0.0.2', port: 6379 }, epoch: 2 }), since)
        setImmediate(resolve)
      })
      const began = performance.now()
      while (performance.now() - began < 4 * LIMIT_MS);
    })
  })
  expect([said, expired()]).toEqual([[true], 0])
  hold.stop()
})
