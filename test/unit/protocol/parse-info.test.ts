import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSynchronised, parseReplicationInfo, zoneInInfo } from '../../../src/protocol/parse-info.js'

/** Recorded from Redis 7.0.15, shortened. */
const PRIMARY =
  '# Replication\r\nrole:master\r\nconnected_slaves:1\r\nslave0:ip=127.0.0.1,port=6380,state=online,offset=42,lag=0\r\nmaster_failover_state:no-failover\r\nmaster_replid:8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb\r\nmaster_replid2:0000000000000000000000000000000000000000\r\nmaster_repl_offset:42\r\nsecond_repl_offset:-1\r\n'
const REPLICA =
  '# Replication\r\nrole:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\nslave_read_repl_offset:40\r\nslave_repl_offset:40\r\nmaster_replid:8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb\r\nmaster_repl_offset:39\r\n'
const history = '8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb'

describe('parseReplicationInfo', () => {
  it('a primary', () => {
    expect(parseReplicationInfo(PRIMARY)).toEqual({ role: 'primary', offset: 42, history, linkUp: true })
  })

  it('a replica, by what it has applied', () => {
    expect(parseReplicationInfo(REPLICA)).toEqual({ role: 'replica', offset: 40, history, linkUp: true })
    const down = REPLICA.replace('link_status:up', 'link_status:down')
    expect(parseReplicationInfo(down)).toMatchObject({ linkUp: false })
  })

  it('the history that it continues, and up to where', () => {
    const promoted = PRIMARY.replace(/replid2:0+/, `replid2:${history}`).replace(
      'second_repl_offset:-1',
      'second_repl_offset:43'
    )
    expect(parseReplicationInfo(promoted)).toMatchObject({ past: { history, upTo: 42 } })
    expect(parseReplicationInfo(PRIMARY)).toMatchObject({ past: undefined })
    expect(parseReplicationInfo(REPLICA)).toMatchObject({ past: undefined })
  })

  it.each(['role', 'master_replid', 'slave_repl_offset'])('nothing without %s', (field) => {
    expect(parseReplicationInfo(REPLICA.replace(new RegExp(`^${field}:`, 'm'), 'other:'))).toBeUndefined()
  })

  it('nothing of a sentinel, or of any other text', () => {
    expect(parseReplicationInfo('# Sentinel\r\nsentinel_masters:1\r\n')).toBeUndefined()
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseReplicationInfo(text)).toBeUndefined()
      })
    )
  })
})

describe('isSynchronised', () => {
  const down = (seconds: number, syncing: 0 | 1): string =>
    REPLICA.replace(
      'master_link_status:up',
      `master_link_status:down\r\nmaster_last_io_seconds_ago:-1\r\nmaster_sync_in_progress:${syncing}\r\nmaster_link_down_since_seconds:${seconds}`
    )

  it.each([
    ['linked', REPLICA, true],
    ['was linked', down(3, 0), true],
    ['was linked, and is sent everything anew', down(3, 1), false],
    ['never linked since it started', down(-1, 0), false],
    ['a primary', PRIMARY, false],
    ['anything else', 'none', false]
  ])('%s', (_, text, expected) => {
    expect(isSynchronised(text)).toBe(expected)
  })
})

describe('zoneInInfo', () => {
  it.each([
    ['# Server\r\nredis_version:7.2.4\r\navailability_zone:eu-1a\r\nrun_id:x\r\n', 'eu-1a'],
    ['# Server\r\navailability_zone:\r\nrun_id:x\r\n', undefined],
    ['# Server\r\nredis_version:7.0.15\r\n', undefined]
  ])('%j', (text, zone) => {
    expect(zoneInInfo(text)).toBe(zone)
  })
})
