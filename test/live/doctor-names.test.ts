import { expect, test } from 'vitest'
import { withOwnHosts } from './support/own-hosts.js'

interface Told {
  readonly url: string
  /** The name of the sentinel that is dead. */
  readonly last: string
  /** What doctor finds, before and after. */
  readonly well: readonly string[]
  readonly dead: readonly string[]
  /** What status says after. */
  readonly health: string
  readonly problems: readonly string[]
}

test('where all is announced by name and seeds are given by name, nothing is found, and a dead sentinel counts once', async (context) => {
  const told = (await withOwnHosts(context, './doctor-names-program.ts')) as Told
  expect(told.url).toContain(`${told.last}:`)
  expect(told.well).toEqual([])
  expect(told.dead).toEqual([
    expect.stringMatching(/^sentinel-down sentinel-5\.redis\.test:\d+: from here: .*ECONNREFUSED/)
  ])
  expect(told.health).toBe('degraded')
  expect(told.problems).toEqual([expect.stringMatching(/^sentinel sentinel-5\.redis\.test:\d+ is not reachable/)])
})
