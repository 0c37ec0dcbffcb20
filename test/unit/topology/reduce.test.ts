import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAddress, sameAddress } from '../../../src/protocol/address.js'
import type { Observation } from '../../../src/topology/observation.js'
import type { PromotionMode, ReducePolicy, TopologyState } from '../../../src/topology/reduce.js'
import { initialState, reduce } from '../../../src/topology/reduce.js'
import { deepFreeze } from '../../support/deep-freeze.js'
import { givenUpFor, strangersIn } from './agreements.js'
import { observations } from './observations.js'

const modes = fc.constantFrom<PromotionMode>('fast', 'confirmed', 'strict')
const RUNS = { numRuns: 300 }

interface Step {
  readonly before: TopologyState
  readonly seen: Observation
  readonly after: TopologyState
}

function policyOf(promotion: PromotionMode): ReducePolicy {
  return deepFreeze({ promotion, confirmWithinMs: 5_000 })
}

/** All steps of a random life; every state is frozen, so that a reducer that writes to one throws. */
function life(promotion: PromotionMode, seen: readonly Observation[]): Step[] {
  const policy = policyOf(promotion)
  let before: TopologyState = deepFreeze(initialState('mymaster'))
  return seen.map((one) => {
    const after = deepFreeze(reduce(before, deepFreeze(one), policy))
    const step = { before, seen: one, after }
    before = after
    return step
  })
}

function everyStep(check: (step: Step, steps: readonly Step[], index: number) => void): void {
  fc.assert(
    fc.property(modes, observations, (mode, seen) => {
      const steps = life(mode, seen)
      for (const [index, step] of steps.entries()) check(step, steps, index)
    }),
    RUNS
  )
}

describe('reduce', () => {
  it('is pure: frozen input, the same output twice', () => {
    fc.assert(
      fc.property(modes, observations, (mode, seen) => {
        for (const { before, seen: one, after } of life(mode, seen)) {
          expect(reduce(before, one, policyOf(mode))).toEqual(after)
        }
      }),
      { numRuns: 100 }
    )
  })

  it('moves the primary only on its own word that it is one, and never to nobody', () => {
    everyStep(({ before, seen, after }) => {
      const now = after.topology.primary
      if (before.topology.primary !== undefined) expect(now).toBeDefined()
      if (now === undefined || sameAddress(now.address, before.topology.primary?.address)) return
      expect(seen).toMatchObject({ kind: 'role', role: 'primary', address: now.address })
    })
  })

  it('follows nobody without a claim for it, or a leader that chose it', () => {
    everyStep(({ before, after }) => {
      const now = after.topology.primary
      if (now === undefined || sameAddress(now.address, before.topology.primary?.address)) return
      const told = sameAddress(before.verifying?.address, now.address)
      const chosen = before.topology.sentinels.some(
        (view) => view.reachable && sameAddress(view.failover?.candidate, now.address)
      )
      expect(now.confirmed ? told : chosen).toBe(true)
    })
  })

  it('lowers no epoch, but when strangers and the forgetful are the majority, a promotion is taken back, or the primary is a replica now', () => {
    let lowered = 0
    everyStep(({ before, seen, after }, steps, index) => {
      const lower = after.topology.configEpoch < before.topology.configEpoch
      const lowerConfirmed = after.confirmedEpoch < before.confirmedEpoch
      if (!lower && !lowerConfirmed) return
      lowered += 1
      const { primary } = before.topology
      const doubted = primary?.confirmed === false && seen.at - primary.since >= 5_000
      if (doubted && !lowerConfirmed) {
        expect(after.topology.configEpoch).toBeGreaterThanOrEqual(before.confirmedEpoch)
        return
      }
      const to = `${formatAddress(after.topology.primary?.address ?? { host: '', port: 0 })} ${after.topology.configEpoch}`
      const agreed = steps
        .slice(0, index)
        .some(({ seen: { at }, after: then }) => [...strangersIn(then), ...givenUpFor(then, at, 5_000)].includes(to))
      expect(agreed, `the fence was dropped to ${to}`).toBe(true)
    })
    expect(lowered, 'the random lives hold such moments').toBeGreaterThan(0)
  })

  it('takes a sentinel for forgetful when it is back at epoch 0 under the id by which it named a higher one', () => {
    let forgetful = 0
    everyStep(({ seen, after }, steps, index) => {
      if (seen.kind !== 'snapshot' || !seen.snapshot.known) return
      const { from, snapshot } = seen
      const earlier = steps
        .slice(0, index)
        .flatMap((step) => (step.seen.kind === 'snapshot' || step.seen.kind === 'sentinel-removed' ? [step.seen] : []))
        .filter((one) => one.from === from)
      const others = earlier.findLastIndex((one) => one.kind !== 'snapshot' || one.snapshot.id !== snapshot.id)
      const named = earlier
        .slice(others + 1)
        .flatMap((one) => (one.kind === 'snapshot' && one.snapshot.known ? [one.snapshot.configEpoch] : []))
      const forgot = snapshot.id !== '' && snapshot.configEpoch === 0 && named.some((epoch) => epoch > 0)
      if (forgot) forgetful += 1
      expect(after.topology.sentinels.find((view) => view.key === from)?.forgot === true).toBe(forgot)
    })
    expect(forgetful, 'the random lives hold such moments').toBeGreaterThan(0)
  })

  it('counts every change of what listeners see, by one, and nothing else', () => {
    everyStep(({ before, after }) => {
      const { revision, ...now } = after.topology
      const { revision: then, ...past } = before.topology
      expect(revision - then).toBeGreaterThanOrEqual(0)
      expect(revision - then).toBeLessThanOrEqual(1)
      if (revision !== then) expect(now).not.toEqual(past)
      expect(after.topology.primary).toEqual(revision === then ? past.primary : after.topology.primary)
      expect(after.topology.phase).toEqual(revision === then ? past.phase : after.topology.phase)
      expect(after.topology.configEpoch).toBe(revision === then ? past.configEpoch : after.topology.configEpoch)
    })
  })

  it('returns the same object when nothing changes', () => {
    fc.assert(
      fc.property(modes, observations, (mode, seen) => {
        for (const { seen: one, after } of life(mode, seen)) {
          const { at } = one
          expect(reduce(after, { kind: 'tick', at }, policyOf(mode))).toBe(after)
          const event = { kind: 'switch', channel: '+switch-master', group: 'another' } as const
          const from = after.topology.sentinels[0]?.key
          if (from === undefined) continue
          const [a, b] = [
            { host: '10.0.0.1', port: 6379 },
            { host: '10.0.0.2', port: 6379 }
          ]
          const other: Observation = { kind: 'event', at, from, event: { ...event, from: a, to: b } }
          expect(reduce(after, other, policyOf(mode))).toBe(after)
        }
      }),
      { numRuns: 200 }
    )
  })

  it('settles: what is seen again and again is news no more', () => {
    fc.assert(
      fc.property(modes, observations, (mode, seen) => {
        const policy = policyOf(mode)
        for (const { seen: one, after } of life(mode, seen)) {
          const again = reduce(after, one, policy)
          const third = reduce(again, one, policy)
          expect(third.topology.revision).toBe(again.topology.revision)
        }
      }),
      { numRuns: 200 }
    )
  })

  it('is in the phase that its parts say', () => {
    everyStep(({ after }) => {
      const { topology, verifying } = after
      expect(topology.phase.kind === 'verifying').toBe(verifying !== undefined)
      expect(topology.phase.kind === 'unknown').toBe(verifying === undefined && topology.primary === undefined)
      expect(topology.replicas.some(({ address }) => sameAddress(address, topology.primary?.address))).toBe(false)
      if (topology.primary?.confirmed === true) expect(topology.configEpoch).toBe(after.confirmedEpoch)
    })
  })

  it('keeps no more than it needs, however long it lives', () => {
    let state = initialState('mymaster')
    const policy = policyOf('fast')
    for (let id = 0; id < 500; id++) {
      const snapshot = {
        known: true,
        id: `id-${id}`,
        primary: { host: '10.0.0.1', port: 6379 },
        judged: { host: '10.0.0.1', port: 6379 },
        configEpoch: 1,
        flags: [],
        quorum: 2,
        downAfterMs: 1,
        failoverTimeoutMs: 1,
        others: 2,
        replicas: [],
        sentinels: []
      } as const
      state = reduce(state, { kind: 'snapshot', at: id, from: `s${id % 3}:26379`, snapshot }, policy)
      state = reduce(state, { kind: 'role', at: id, address: snapshot.primary, role: 'primary' }, policy)
    }
    expect(state.topology.sentinels).toHaveLength(3)
    expect(state.witnesses).toHaveLength(64)
    expect(state.witnesses.map(({ id }) => id)).toContain('id-499')
  })
})
