import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SnapshotReplies } from '../../../src/protocol/parse-reply.js'
import { parseGroupNames, parseSnapshot, UnexpectedReplyError } from '../../../src/protocol/parse-reply.js'

const primary = [
  'name',
  'mymaster',
  'ip',
  '10.0.0.1',
  'port',
  '6379',
  'flags',
  'master,disconnected',
  'config-epoch',
  '7'
]
const more = ['quorum', '2', 'down-after-milliseconds', '5000', 'failover-timeout', '60000', 'num-other-sentinels', '2']

const replies: SnapshotReplies = {
  id: '3f1c',
  primaryAddress: ['10.0.0.2', '6380'],
  primary: [...primary, ...more],
  replicas: [
    [
      'ip',
      '10.0.0.3',
      'port',
      '6379',
      'flags',
      's_down,slave',
      'master-link-status',
      'err',
      'master-link-down-time',
      '1200',
      'slave-priority',
      '0',
      'slave-repl-offset',
      '99',
      'replica-announced',
      '0'
    ],
    ['ip', '10.0.0.4', 'port', '6379', 'flags', 'slave', 'master-link-status', 'ok']
  ],
  sentinels: [['ip', '10.0.1.2', 'port', '26379', 'runid', 'a0b1', 'flags', 'sentinel']]
}

describe('parseSnapshot', () => {
  it('takes the address from GET-MASTER-ADDR-BY-NAME, the rest from SENTINEL MASTER', () => {
    expect(parseSnapshot(replies)).toEqual({
      known: true,
      id: '3f1c',
      primary: { host: '10.0.0.2', port: 6380 },
      judged: { host: '10.0.0.1', port: 6379 },
      configEpoch: 7,
      flags: ['master', 'disconnected'],
      quorum: 2,
      downAfterMs: 5000,
      failoverTimeoutMs: 60_000,
      others: 2,
      replicas: [
        {
          address: { host: '10.0.0.3', port: 6379 },
          flags: ['s_down', 'slave'],
          linkUp: false,
          linkDownMs: 1200,
          priority: 0,
          offset: 99,
          announced: false
        },
        {
          address: { host: '10.0.0.4', port: 6379 },
          flags: ['slave'],
          linkUp: true,
          linkDownMs: 0,
          priority: 100,
          offset: 0,
          announced: true
        }
      ],
      sentinels: [{ address: { host: '10.0.1.2', port: 26379 }, id: 'a0b1', flags: ['sentinel'] }]
    })
  })

  it('reads TILT from INFO, and does without', () => {
    const info = '# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:1\r\nsentinel_tilt_since_seconds:3\r\n'
    expect(parseSnapshot({ ...replies, info })).toMatchObject({ tilt: true })
    expect(parseSnapshot({ ...replies, info: info.replace('tilt:1', 'tilt:0') })).toMatchObject({ tilt: false })
    for (const none of [undefined, null, 'sentinel_masters:1', new Error('NOPERM no right')])
      expect(parseSnapshot({ ...replies, info: none })).not.toHaveProperty('tilt')
  })

  it('an unknown group', () => {
    const unknown = { ...replies, primaryAddress: null, primary: new Error('ERR No such master with that name') }
    expect(parseSnapshot(unknown)).toEqual({ known: false, id: '3f1c' })
  })

  it('a sentinel that does not tell its id', () => {
    expect(parseSnapshot({ ...replies, id: new Error('ERR unknown subcommand') })).toMatchObject({ id: '' })
  })

  it('leaves out replicas and sentinels without a usable address', () => {
    const broken = [['ip', '', 'port', '6379'], ['ip', '10.0.0.3', 'port', '0'], ['port', '1'], []]
    expect(parseSnapshot({ ...replies, replicas: broken, sentinels: broken })).toMatchObject({
      replicas: [],
      sentinels: []
    })
  })

  it.each([
    ['GET-MASTER-ADDR-BY-NAME', { primaryAddress: ['10.0.0.1'] }],
    ['GET-MASTER-ADDR-BY-NAME', { primaryAddress: ['', '6379'] }],
    ['GET-MASTER-ADDR-BY-NAME', { primaryAddress: undefined }],
    ['GET-MASTER-ADDR-BY-NAME', { primaryAddress: 7n }],
    ['SENTINEL MASTER', { primary: new Error('NOPERM this user has no permissions') }],
    ['SENTINEL MASTER', { primary: undefined }],
    ['SENTINEL REPLICAS', { replicas: 'QUEUED' }],
    ['SENTINEL REPLICAS', { replicas: ['flat'] }],
    ['SENTINEL SENTINELS', { sentinels: null }]
  ])('says which question was answered with nonsense: %s %o', (question, wrong) => {
    const parse = () => parseSnapshot({ ...replies, ...wrong })
    expect(parse).toThrow(UnexpectedReplyError)
    expect(parse).toThrow(question)
  })

  it('repeats the words of an error reply', () => {
    expect(() => parseSnapshot({ ...replies, primary: new Error('NOPERM no right') })).toThrow(
      'SENTINEL MASTER answered "NOPERM no right"; expected field and value pairs'
    )
  })

  it('gives a snapshot or UnexpectedReplyError, whatever comes', () => {
    const any = fc.oneof(fc.anything({ withBigInt: true, maxDepth: 3 }), fc.array(fc.array(fc.string())))
    fc.assert(
      fc.property(any, any, any, any, any, (id, primaryAddress, first, replicas, sentinels) => {
        try {
          parseSnapshot({ id, primaryAddress, primary: first, replicas, sentinels })
        } catch (error) {
          expect(error).toBeInstanceOf(UnexpectedReplyError)
        }
      })
    )
  })
})

describe('parseGroupNames', () => {
  it('the names of SENTINEL MASTERS', () => {
    expect(parseGroupNames([primary, ['name', 'other'], ['ip', '10.0.0.9']])).toEqual(['mymaster', 'other'])
  })

  it('refuses what is no list', () => {
    expect(() => parseGroupNames(new Error('NOAUTH'))).toThrow('SENTINEL MASTERS answered "NOAUTH"')
  })
})
