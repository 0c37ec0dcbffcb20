import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SentinelChannel } from '../../../src/protocol/channels.js'
import { isSentinelChannel, SENTINEL_CHANNELS } from '../../../src/protocol/channels.js'
import { groupOf, parseEvent } from '../../../src/protocol/parse-event.js'

const A = { host: '10.0.0.1', port: 6379 }
const B = { host: '10.0.0.2', port: 6380 }

describe('parseEvent', () => {
  it('an event about the primary', () => {
    expect(parseEvent('+odown', 'master mymaster 10.0.0.1 6379 #quorum 2/2')).toEqual({
      kind: 'instance',
      channel: '+odown',
      group: 'mymaster',
      role: 'primary',
      address: A,
      primary: A,
      detail: '#quorum 2/2'
    })
  })

  it('an event about a replica', () => {
    expect(parseEvent('+selected-slave', 'slave 10.0.0.2:6380 10.0.0.2 6380 @ mymaster 10.0.0.1 6379')).toEqual({
      kind: 'instance',
      channel: '+selected-slave',
      group: 'mymaster',
      role: 'replica',
      address: B,
      primary: A
    })
  })

  it('an event about a replica with more behind it', () => {
    const message = 'slave 10.0.0.2:6380 10.0.0.2 6380 @ mymaster 10.0.0.1 6379 new reported role is master'
    expect(parseEvent('-role-change', message)).toMatchObject({
      group: 'mymaster',
      detail: 'new reported role is master'
    })
  })

  it('an event about a sentinel, whose name is its run id', () => {
    expect(parseEvent('+sentinel', 'sentinel 3f1c 10.0.1.1 26379 @ mymaster 10.0.0.1 6379')).toMatchObject({
      group: 'mymaster',
      role: 'sentinel',
      address: { host: '10.0.1.1', port: 26379 },
      primary: A
    })
  })

  it('IPv6 and host names', () => {
    expect(parseEvent('+sdown', 'slave [::2]:6380 ::2 6380 @ mymaster redis-0.svc 6379')).toMatchObject({
      address: { host: '::2', port: 6380 },
      primary: { host: 'redis-0.svc', port: 6379 }
    })
    expect(parseEvent('+switch-master', 'mymaster ::1 6379 ::2 6380')).toMatchObject({
      from: { host: '::1', port: 6379 },
      to: { host: '::2', port: 6380 }
    })
  })

  it('+switch-master', () => {
    expect(parseEvent('+switch-master', 'mymaster 10.0.0.1 6379 10.0.0.2 6380')).toEqual({
      kind: 'switch',
      channel: '+switch-master',
      group: 'mymaster',
      from: A,
      to: B
    })
  })

  it('events that name no group', () => {
    expect(parseEvent('+new-epoch', '17')).toEqual({ kind: 'epoch', channel: '+new-epoch', epoch: 17 })
    expect(parseEvent('+vote-for-leader', '3f1c 17')).toEqual({
      kind: 'vote',
      channel: '+vote-for-leader',
      leaderId: '3f1c',
      epoch: 17
    })
    expect(parseEvent('+tilt', '#tilt mode entered')).toEqual({ kind: 'tilt', channel: '+tilt' })
    for (const [channel, message] of [
      ['+new-epoch', '17'],
      ['+vote-for-leader', '3f1c 17'],
      ['-tilt', '#tilt mode exited'],
      ['+sdown', '']
    ] as const) {
      expect(groupOf(parseEvent(channel, message))).toBeUndefined()
    }
  })

  it.each<readonly [SentinelChannel, string]>([
    ['+switch-master', ''],
    ['+switch-master', 'mymaster 10.0.0.1 6379 10.0.0.2'],
    ['+switch-master', 'mymaster 10.0.0.1 6379 10.0.0.2 0'],
    ['+sdown', 'master'],
    ['+sdown', 'master mymaster 10.0.0.1 port'],
    ['+sdown', 'slave 10.0.0.2:6380 10.0.0.2 6380'],
    ['+sdown', 'slave 10.0.0.2:6380 10.0.0.2 6380 @ mymaster 10.0.0.1'],
    ['+sdown', 'toString mymaster 10.0.0.1 6379'],
    ['+sdown', 'constructor mymaster 10.0.0.1 6379'],
    ['+sdown', '__proto__ mymaster 10.0.0.1 6379'],
    ['+new-epoch', ''],
    ['+new-epoch', '-1'],
    ['+new-epoch', '99999999999999999999'],
    ['+vote-for-leader', '3f1c'],
    ['+vote-for-leader', '']
  ])('keeps what it does not understand: %s "%s"', (channel, message) => {
    expect(parseEvent(channel, message)).toEqual({ kind: 'unparsed', channel, message })
  })

  it('never throws, keeps the channel, and gives numbers that are numbers', () => {
    const words = fc.constantFrom(
      'master',
      'slave',
      'sentinel',
      'mymaster',
      '10.0.0.1',
      '::1',
      '6379',
      '@',
      '',
      '0',
      '-1',
      '9e9'
    )
    const messages = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 10 }).map((some) => some.join(' '))
    )
    fc.assert(
      fc.property(fc.constantFrom(...SENTINEL_CHANNELS), messages, (channel, message) => {
        const event = parseEvent(channel, message)
        expect(event.channel).toBe(channel)
        if (event.kind === 'instance') {
          expect(['primary', 'replica', 'sentinel']).toContain(event.role)
          expect(event.address.port).toBeGreaterThan(0)
          expect(event.primary.port).toBeGreaterThan(0)
          expect(event.group).not.toBe(undefined)
        }
        if (event.kind === 'epoch' || event.kind === 'vote') expect(Number.isSafeInteger(event.epoch)).toBe(true)
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('isSentinelChannel', () => {
  it('knows what is subscribed to, and nothing else', () => {
    expect(SENTINEL_CHANNELS.every((channel) => isSentinelChannel(channel))).toBe(true)
    expect(new Set(SENTINEL_CHANNELS).size).toBe(SENTINEL_CHANNELS.length)
    for (const other of ['', '+SDOWN', '__sentinel__:hello', 'constructor'])
      expect(isSentinelChannel(other)).toBe(false)
  })
})
