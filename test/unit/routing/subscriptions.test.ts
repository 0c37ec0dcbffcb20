import { describe, expect, it } from 'vitest'
import { subscriptionChangeOf, Subscriptions } from '../../../src/routing/subscriptions.js'

describe('subscriptionChangeOf', () => {
  it.each([
    ['subscribe', ['a', Buffer.from('b')], { kind: 'subscribe', begins: true, names: ['a', 'b'] }],
    ['PSUBSCRIBE', ['a*'], { kind: 'psubscribe', begins: true, names: ['a*'] }],
    ['ssubscribe', [7], { kind: 'ssubscribe', begins: true, names: ['7'] }],
    // The server refuses it: nothing is not everything.
    ['subscribe', [], { kind: 'subscribe', begins: true, names: [] }],
    ['unsubscribe', ['a'], { kind: 'subscribe', begins: false, names: ['a'] }],
    ['punsubscribe', [], { kind: 'psubscribe', begins: false, names: undefined }],
    ['SUnsubscribe', [], { kind: 'ssubscribe', begins: false, names: undefined }],
    ['publish', ['a', 'b'], undefined],
    ['constructor', [], undefined]
  ])('%s %j', (name, args, change) => {
    expect(subscriptionChangeOf(name, args)).toEqual(change)
  })
})

describe('Subscriptions', () => {
  it('counts as the server does: channels and patterns together', () => {
    const all = new Subscriptions()
    expect(all.isEmpty).toBe(true)
    all.add('subscribe', ['a', 'b', 'a'])
    all.add('psubscribe', ['a'])
    all.add('ssubscribe', ['a'])
    expect([all.count('subscribe'), all.count('psubscribe'), all.count('ssubscribe')]).toEqual([3, 3, 1])
    all.delete('subscribe', ['a', 'none'])
    expect([all.has('subscribe', 'a'), all.has('psubscribe', 'a'), all.isEmpty]).toEqual([false, true, false])
  })

  it('is copied, and is not the copy', () => {
    const all = new Subscriptions()
    all.add('subscribe', ['a'])
    const copy = all.copy()
    all.clear()
    expect([all.isEmpty, copy.names('subscribe')]).toEqual([true, ['a']])
  })
})
