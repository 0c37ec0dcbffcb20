import { expect, test } from 'vitest'
import { withOwnHosts } from './support/own-hosts.js'

test('a seed with one name for all sentinels is linked to every address, and resolved anew when all have moved', async (context) => {
  expect(await withOwnHosts(context, './named-sentinels.ts')).toEqual({ values: ['1', '1', '1'] })
})
