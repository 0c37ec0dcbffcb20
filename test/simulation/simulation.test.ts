import { describe, expect, it } from 'vitest'
import type { Tally } from './runner/job.js'
import type { ClientKind } from './runner/job.js'
import { bundle } from './runner/bundle.js'
import { MUTATIONS, mutationCalled } from './runner/mutations.js'
import { describeFailure, replay, simulate } from './runner/run.js'

function expectNoFailure(tally: Tally, client: ClientKind): void {
  expect(tally.failures.map((failure) => describeFailure(failure, client)).join('\n\n')).toBe('')
}

describe('the client keeps every rule', () => {
  it('in 10,000 schedules of its decisions', async () => {
    const tally = await simulate({ client: 'thin', from: 1, seeds: 10_000 })
    expectNoFailure(tally, 'thin')
    expect(tally.schedules).toBe(10_000)
    // The worlds were such as to put the rules to the test.
    expect(tally.failovers).toBeGreaterThan(2_500)
    expect(tally.lost).toBeGreaterThan(500)
    expect(tally.unknown).toBeGreaterThan(500)
    expect(tally.restless.length).toBeLessThan(10)
  })

  it('in 300 schedules of all of it', async () => {
    const tally = await simulate({ client: 'real', from: 1, seeds: 300 })
    expectNoFailure(tally, 'real')
    expect(tally.schedules).toBe(300)
    expect(tally.failovers).toBeGreaterThan(75)
    expect(tally.restless.length).toBeLessThan(3)
  })
})

describe('a seed is a schedule', () => {
  it.each(['thin', 'real'] as const)('that happens again in every detail (%s)', async (client) => {
    const first = await replay(client, 7)
    const second = await replay(client, 7)
    expect(second.lastLines).toEqual(first.lastLines)
    expect(second.hash).toBe(first.hash)
  })

  it.each([
    ['thin', 60],
    ['real', 8]
  ] as const)('whatever ran before it in the same thread (%s)', async (client, seeds) => {
    const alone = await simulate({ client, from: 1, seeds, threads: 1 })
    const shared = await simulate({ client, from: 1, seeds, threads: 3 })
    expect(shared.trace).toBe(alone.trace)
    expect(shared.events).toBe(alone.events)
  })
})

describe('a bug that is put in is found', () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation.bug, mutation] as const))(
    '%s: %s',
    async (_name, _bug, mutation) => {
      const { client, withinSeeds } = mutation
      const { failures } = await simulate({ client, from: 1, seeds: withinSeeds, mutation, stopAtFirst: true })
      const [found] = failures
      if (found === undefined) throw new Error(`not found within ${withinSeeds} seeds`)
      const again = await replay(client, found.seed, mutation)
      expect(again.violations).toEqual(found.violations)
      expect(again.hash).toBe(found.hash)
      expect((await replay(client, found.seed)).violations).toEqual([])
    }
  )

  it('a mutation whose text is gone from the source is refused', async () => {
    const outdated = { ...mutationCalled('fence'), replace: 'no such text' }
    await expect(bundle(outdated)).rejects.toThrow('mutation "fence" looks for one "no such text"')
  })
})
