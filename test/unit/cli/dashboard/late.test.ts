import { expect, it } from 'vitest'
import { lateness } from '../../../../src/cli/dashboard/late.js'

it('says how late a press comes, and nothing of one that comes in time or does not say what it had heard', () => {
  expect(lateness('kill', '1000', 43_000)).toBe(
    'a press of kill came 42 s after the last word that its page had heard: nothing was done'
  )
  for (const toldAt of ['33000', '43000', '50000', undefined, 'yesterday'])
    expect(lateness('kill', toldAt, 43_000)).toBeUndefined()
})
