import { expect, test } from 'vitest'
import { UNHURRIED, withOwnHosts } from './support/own-hosts.js'

test(
  'a seed with one name for all sentinels is linked to every address, and resolved anew when all have moved',
  UNHURRIED,
  async (context) => {
    expect(await withOwnHosts(context, './named-sentinels.ts')).toEqual({ values: ['1', '1', '1'] })
  }
)

// In a cluster the name of a Service without Ready pods does not exist, and the resolver says so at once.
test(
  'a process does not end before the commands of a client whose only seed has no address',
  UNHURRIED,
  async (context) => {
    expect(await withOwnHosts(context, './unresolvable-seed.ts')).toEqual({ code: 'DEADLINE' })
  }
)

test('a seed whose name the resolver is slow about does not keep the others waiting', UNHURRIED, async (context) => {
  expect(await withOwnHosts(context, './slow-seed-name.ts')).toEqual({ ended: ['write', 'look-up'] })
})

test(
  'a seed whose name resolves after others have told its address is verified by its name',
  UNHURRIED,
  async (context) => {
    expect(await withOwnHosts(context, './late-seed-name.ts')).toEqual({
      before: { reachable: 2, why: expect.stringContaining('certificate') as string },
      after: 3
    })
  }
)
