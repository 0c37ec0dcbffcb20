import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { COMMAND_TABLE } from '../../../src/routing/command-table.js'
import { refusedAsRead, refusedInChain, TRANSACTION_READS } from '../../../src/routing/transaction-rules.js'

/** They only read, and are about the node, not its data. */
const LEFT_OUT = ['lolwut', 'memory', 'touch']

describe('the reads of transaction()', () => {
  it('are all that servers call readonly and ioredis has, and TIME', () => {
    const readonly = Object.entries(COMMAND_TABLE)
      .filter(([, flags]) => flags.split(' ').includes('readonly'))
      .map(([name]) => name.split('|')[0] ?? '')
      .filter((name) => name in Redis.prototype && !LEFT_OUT.includes(name))
    expect([...TRANSACTION_READS].sort()).toEqual([...new Set([...readonly, 'time'])].sort())
  })

  it('are not refused', () => {
    for (const name of TRANSACTION_READS) {
      const first = { object: 'ENCODING', xinfo: 'STREAM' }[name as 'object'] ?? 'key'
      expect([name, refusedAsRead(name, [first, 'key'], false)]).toEqual([name, undefined])
    }
    expect(refusedAsRead('JSON.GET', ['key'], true)).toBeUndefined()
  })

  it('are nothing that any server calls a write, or that changes the connection', () => {
    for (const [full, flags] of Object.entries(COMMAND_TABLE)) {
      const [name = '', sub] = full.split('|')
      if (!flags.split(' ').some((flag) => ['write', 'admin', 'pubsub'].includes(flag))) continue
      expect([full, refusedAsRead(name, sub === undefined ? ['a', 'b'] : [sub, 'a'], false)]).toEqual([
        full,
        expect.any(String)
      ])
    }
  })
})

describe('tx.multi()', () => {
  it.each<[string, string[], RegExp | undefined]>([
    ['set', ['k', 'v'], undefined],
    ['get', ['k'], undefined],
    ['eval', ['return 1', '0'], undefined],
    ['publish', ['news', 'x'], undefined],
    ['xread', ['STREAMS', 's', '0'], undefined],
    ['xread', ['BLOCK', '5', 'STREAMS', 's', '0'], /XREAD does not wait/],
    ['blpop', ['list', '0'], /BLPOP does not wait.*duplicate\(\)/],
    ['watch', ['k'], /WATCH cannot stand in tx\.multi\(\)/],
    ['multi', [], /MULTI cannot stand/],
    ['subscribe', ['news'], /SUBSCRIBE cannot stand/],
    ['wait', ['1', '0'], /WAIT does not wait/]
  ])('%s %s', (name, args, refusal) => {
    const reason = refusedInChain(name, args)
    if (refusal === undefined) expect(reason).toBeUndefined()
    else expect(reason).toMatch(refusal)
  })
})
