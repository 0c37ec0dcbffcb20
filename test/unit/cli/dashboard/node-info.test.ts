import { describe, expect, it } from 'vitest'
import { count } from '../../../../src/cli/dashboard/load.js'
import { opsBetween, parseInfo } from '../../../../src/cli/dashboard/node-info.js'

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'connected_clients:4',
  'used_memory:1048576',
  'total_commands_processed:100',
  'role:slave',
  'slave_repl_offset:77',
  'master_repl_offset:80'
].join('\r\n')

describe('parseInfo', () => {
  it('reads what the page shows, of a replica its own offset', () => {
    expect(parseInfo(INFO)).toEqual({
      commands: 100,
      clients: 4,
      memoryBytes: 1048576,
      offset: 77,
      version: '7.0.15'
    })
  })

  it('reads the offset of a primary, and the version that Valkey has besides', () => {
    expect(parseInfo('redis_version:7.2.4\r\nvalkey_version:8.1.0\r\nmaster_repl_offset:80')).toMatchObject({
      offset: 80,
      version: '8.1.0'
    })
  })

  it('leaves open what is not said', () => {
    expect(parseInfo('')).toEqual({ commands: null, clients: null, memoryBytes: null, offset: null, version: null })
  })
})

describe('opsBetween', () => {
  const counts = (commands: number | null) => ({ ...parseInfo(''), commands })

  it('is what came in between, a second', () => {
    expect(opsBetween(counts(100), counts(150), 250)).toBe(200)
  })

  it.each([
    [undefined, counts(1)],
    [counts(null), counts(1)],
    [counts(1), counts(null)],
    [counts(100), counts(3)]
  ])('is unknown for %o and %o', (before, after) => {
    expect(opsBetween(before, after, 250)).toBeNull()
  })
})

describe('count', () => {
  it('counts what was answered, and finds the slowest of it', () => {
    const call = { kind: 'write', at: 0, tookMs: 1, ok: true } as const
    expect(
      count([call, { ...call, tookMs: 3 }, { ...call, tookMs: 9, ok: false }, { ...call, kind: 'read', tookMs: 2 }])
    ).toEqual({
      writes: 2,
      reads: 1,
      failed: 1,
      slowestWriteMs: 3,
      slowestReadMs: 2
    })
    expect(count([])).toMatchObject({ writes: 0, slowestWriteMs: null, slowestReadMs: null })
  })
})
