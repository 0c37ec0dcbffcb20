import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as rights from '../live/support/least-rights.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const PAGE = read('docs/security.md')

describe('docs/security.md', () => {
  it.each([
    `ACL SETUSER app on >password ${rights.NODE_RIGHTS}\n`,
    `ACL SETUSER watcher on >password ${rights.SENTINEL_RIGHTS}\n`,
    `\`${rights.NODE_FAILOVER_RIGHTS}\``,
    `\`${rights.SENTINEL_FAILOVER_RIGHTS}\``
  ])('has the rights that the live tests use: %s', (words) => {
    expect(PAGE).toContain(words)
  })

  it('has each reason of AccessError, and no other', () => {
    const [, union = ''] = /export type AccessReason =([^]*?)\n\n/.exec(read('src/protocol/access.ts')) ?? []
    const reasons = [...union.matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason)
    const [, table = ''] = /\| `reason` \| what was seen \|([^]*?)\n\n/.exec(PAGE) ?? []
    const firsts = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)])
    expect(reasons.length).toBeGreaterThan(10)
    expect(firsts.map(([, reason]) => reason).sort()).toEqual(reasons.sort())
  })
})
