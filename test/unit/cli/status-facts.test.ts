import { describe, expect, it } from 'vitest'
import { lagBytes, parseReplication, quorumCheck } from '../../../src/cli/status/facts.js'

// As Redis 7.0.15 answers INFO replication.
const INFO = [
  '# Replication',
  'role:master',
  'connected_slaves:2',
  'slave0:ip=127.0.0.2,port=6379,state=online,offset=1400,lag=0',
  'slave1:ip=::1,port=6380,state=online,offset=1500,lag=1',
  'master_failover_state:no-failover',
  'master_replid:8b6d2ad8d5a5f4ee09ff5b8b4ab6bd7cbcd9c0dd',
  'master_repl_offset:1500',
  ''
].join('\r\n')

describe('parseReplication', () => {
  it('reads what each replica has acknowledged', () => {
    expect(parseReplication(INFO)).toEqual({
      offset: 1500,
      acknowledged: { '127.0.0.2:6379': 1400, '[::1]:6380': 1500 }
    })
  })

  it('reads nothing from a replica, whose offset is not the primary’s', () => {
    expect(parseReplication(INFO.replace('role:master', 'role:slave'))).toBeUndefined()
  })

  it('reads nothing from anything else', () => {
    expect(parseReplication('')).toBeUndefined()
  })
})

describe('lagBytes', () => {
  const replication = parseReplication(INFO)

  it('is what is missing', () => {
    expect(lagBytes('127.0.0.2:6379', replication)).toBe(100)
    expect(lagBytes('[::1]:6380', replication)).toBe(0)
  })

  it('is not known for a replica the primary does not have, or without the primary', () => {
    expect(lagBytes('127.0.0.9:1', replication)).toBeUndefined()
    expect(lagBytes('127.0.0.2:6379', undefined)).toBeUndefined()
  })
})

describe('quorumCheck', () => {
  it('is what a sentinel says of the quorum', async () => {
    expect(await quorumCheck(Promise.resolve('OK 3 usable Sentinels.'))).toEqual({
      ok: true,
      text: 'OK 3 usable Sentinels.'
    })
    expect(await quorumCheck(Promise.reject(new Error('NOQUORUM 1 usable Sentinels.')))).toEqual({
      ok: false,
      text: 'NOQUORUM 1 usable Sentinels.'
    })
  })

  it.each(['NOPERM this user has no permissions', 'Command timed out', 'ERR No such master with that name'])(
    'is none where it answers %s',
    async (words) => {
      await expect(quorumCheck(Promise.reject(new Error(words)))).rejects.toThrow(words)
    }
  )
})
