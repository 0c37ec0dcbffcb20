import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Circuit } from '../../../src/routing/circuit.js'
import { answersWell } from '../../../src/routing/probe.js'

describe('a replica', () => {
  it('that refuses a read is out at once, until it answers well', () => {
    const circuit = new Circuit()
    expect(circuit.failed('refused', 0)).toBe(true)
    expect(circuit.reason).toBe('refused')
    circuit.probed(false, 100)
    expect(circuit.reason).toBe('refused')
    circuit.probed(true, 300)
    expect(circuit.reason).toBeUndefined()
  })

  it('that loses its connection is out when it does so again soon', () => {
    const circuit = new Circuit()
    expect(circuit.failed('lost', 0)).toBe(false)
    expect(circuit.failed('lost', 10_000)).toBe(false)
    expect(circuit.failed('lost', 15_000)).toBe(true)
    expect(circuit.reason).toBe('lost')
  })

  it('that is out does not fail again by reads that were on their way', () => {
    const circuit = new Circuit()
    circuit.failed('refused', 0)
    expect(circuit.failed('refused', 1)).toBe(false)
    expect(circuit.failed('lost', 2)).toBe(false)
    expect(circuit.strikes).toBe(1)
  })

  it('that fails again soon after it came back begins with a longer pause, and later with the shortest', () => {
    const circuit = new Circuit()
    circuit.failed('refused', 0)
    circuit.probed(false, 100)
    circuit.probed(true, 300)
    circuit.failed('refused', 400)
    expect(circuit.strikes).toBe(3)
    circuit.probed(true, 1_000)
    circuit.failed('refused', 10_400)
    expect(circuit.strikes).toBe(1)
  })

  it('comes back by nothing but a good answer', () => {
    const step = fc.record({ afterMs: fc.nat(20_000), what: fc.constantFrom('refused', 'lost', 'bad', 'good') })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const circuit = new Circuit()
        let now = 0
        for (const { afterMs, what } of steps) {
          now += afterMs
          const before = circuit.reason
          if (what === 'good' || what === 'bad') circuit.probed(what === 'good', now)
          else circuit.failed(what, now)
          if (before !== undefined && what !== 'good') expect(circuit.reason).toBe(before)
          if (what === 'good') expect(circuit.reason).toBeUndefined()
          if (what === 'refused') expect(circuit.reason).toBeDefined()
        }
      })
    )
  })
})

const info = (role: string, link: string): string =>
  [
    `role:${role}`,
    `master_link_status:${link}`,
    'slave_repl_offset:7',
    'master_repl_offset:7',
    'master_replid:a',
    ''
  ].join('\r\n')

describe('a replica answers well', () => {
  it.each([
    ['linked', 'PONG', info('slave', 'up'), false, true],
    ['not linked', 'PONG', info('slave', 'down'), false, false],
    ['not linked, the primary being gone', 'PONG', info('slave', 'down'), true, true],
    ['promoted', 'PONG', info('master', 'up'), true, false],
    ['loading', new Error('LOADING Redis is loading the dataset in memory'), info('slave', 'up'), false, false],
    ['busy', new Error('BUSY Redis is busy running a script.'), info('slave', 'up'), false, false],
    ['cut off', new Error('Connection is closed.'), info('slave', 'up'), false, false],
    ['to a user without PING', new Error('NOPERM this user has no permissions'), info('slave', 'up'), false, true],
    ['to a user without INFO', 'PONG', new Error('NOPERM this user has no permissions'), false, true],
    ['with an INFO that breaks off', 'PONG', new Error('Connection is closed.'), false, false]
  ])('%s', (_, ping, told, primaryIsGone, expected) => {
    expect(answersWell(ping, told, primaryIsGone)).toBe(expected)
  })
})
