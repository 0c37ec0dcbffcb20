import { describe, expect, it } from 'vitest'
import { infoFields, pairFields, readClock, readValidity } from '../../../src/cli/doctor/read-info.js'
import { readAccounts, readNodeConfig, readNodeInfo, sentinelUsers } from '../../../src/cli/doctor/read-node.js'
import { readGroup } from '../../../src/cli/doctor/read-sentinel.js'
import { nodeAccess, sentinelAccess } from '../../../src/cli/access.js'
import type { Target } from '../../../src/cli/target.js'

const info = (...lines: readonly string[]) => infoFields(['# Section', ...lines, ''].join('\r\n'))

describe('INFO', () => {
  it('of a primary tells its replicas, IPv6 too, and how far they are', () => {
    const { role } = readNodeInfo(
      info(
        'role:master',
        'master_repl_offset:100',
        'slave0:ip=::1,port=6379,state=online,offset=90,lag=1',
        'slave1:ip=b,port=1,state=send_bulk,offset=0,lag=0'
      )
    )
    expect(role).toEqual({
      kind: 'primary',
      replicas: [
        { address: { host: '::1', port: 6379 }, online: true, lagSeconds: 1, lagBytes: 10 },
        { address: { host: 'b', port: 1 }, online: false, lagSeconds: 0, lagBytes: 100 }
      ]
    })
  })

  it('of a replica tells whom it follows, and since when not', () => {
    const lines = ['role:slave', 'master_host:a', 'master_port:1', 'master_link_status:down']
    const of = { host: 'a', port: 1 }
    expect(readNodeInfo(info(...lines, 'master_link_down_since_seconds:7')).role).toEqual({
      kind: 'replica',
      of,
      linkUp: false,
      linkDownSeconds: 7
    })
    expect(readNodeInfo(info(...lines, 'master_link_down_since_seconds:-1')).role).toEqual({
      kind: 'replica',
      of,
      linkUp: false
    })
  })

  it('tells the run, by which a node is known under two addresses', () => {
    expect(readNodeInfo(info('run_id:a1b2')).runId).toBe('a1b2')
  })

  it('tells which of what is written to disk failed', () => {
    expect(readNodeInfo(info('rdb_last_bgsave_status:ok', 'aof_last_write_status:err')).persistenceFailed).toEqual([
      'aof_last_write_status'
    ])
  })

  it('tells when the last snapshot was made', () => {
    expect(readNodeInfo(info('rdb_last_save_time:1700000000')).lastSaveSeconds).toBe(1_700_000_000)
  })

  it('tells the clock between question and answer, when the server has that field', () => {
    expect(readClock(info('server_time_usec:1500000'), 1_000, 1_100)).toEqual({ aheadMs: 450, giveOrTakeMs: 50 })
    expect(readClock(info('redis_version:6.0.0'), 1_000, 1_100)).toBeUndefined()
  })
})

describe('CONFIG GET', () => {
  it('tells the limit for replicas by either name, and whether there is a password, not which', () => {
    const config = readNodeConfig(
      pairFields([
        'client-output-buffer-limit',
        'normal 0 0 0 slave 10 5 60 pubsub 1 1 1',
        'masterauth',
        'secret',
        'bind',
        '* -::*'
      ])
    )
    expect(config).toMatchObject({
      replicaBuffer: { hardBytes: 10, softBytes: 5 },
      hasPrimaryPassword: true,
      bind: ['*', '-::*']
    })
    expect(JSON.stringify(config)).not.toContain('secret')
    const certified = (...fields: readonly string[]): boolean => readNodeConfig(pairFields(fields)).certifiedClientsOnly
    expect(certified('port', '0', 'tls-auth-clients', 'yes')).toBe(true)
    expect(certified('port', '0', 'tls-auth-clients', 'optional')).toBe(false)
    expect(certified('port', '6379', 'tls-auth-clients', 'yes')).toBe(false)
    const renamed = readNodeConfig(pairFields(['client-output-buffer-limit', 'normal 0 0 0 replica 20 6 60']))
    expect(renamed.replicaBuffer).toEqual({ hardBytes: 20, softBytes: 6 })
  })
})

it('CONFIG GET tells the save points, as they stand there', () => {
  const savePoints = (...save: readonly string[]): string => readNodeConfig(pairFields(save)).savePoints
  expect([savePoints('save', '3600 1 300 100'), savePoints('save', ''), savePoints()]).toEqual([
    '3600 1 300 100',
    '',
    ''
  ])
})

describe('a certificate', () => {
  const valid_from = 'Jan  1 00:00:00 2024 GMT'
  const valid_to = 'Jan 11 00:00:00 2024 GMT'

  it('has a time left, of the time it was given', () => {
    const now = Date.UTC(2024, 0, 8)
    expect(readValidity({ valid_from, valid_to }, now)).toEqual({ leftMs: 3 * 86_400_000, lifetimeMs: 10 * 86_400_000 })
  })

  it.each([[{ valid_to }], [{ valid_from }], [{ valid_from, valid_to: 'some day' }], [{}], [null]])(
    'of the dates %j has none',
    (dates) => {
      expect(readValidity(dates, 0)).toBeUndefined()
    }
  )
})

describe('ACL LIST', () => {
  it.each([
    ['user default on nopass ~* &* +@all', true],
    ['user default on sanitize-payload #abc ~* &* +@all', false],
    ['user default off nopass ~* +@all', false]
  ])('%s', (line, open) => {
    const accounts = readAccounts([line, 'user app on #abc -@all'], [], (text) => String(text.length))
    expect(accounts.open).toBe(open)
    expect([...accounts.users.keys()]).toEqual(['default', 'app'])
  })
})

it('a user is the same whatever the order in which a server lists the rights', () => {
  const of = (rights: string): string | undefined =>
    readAccounts([`user app on #abc ${rights}`], [], (text) => text).users.get('app')
  expect(of('-@all +ping +get')).toBe(of('-@all +get +ping'))
  expect(of('-@all +ping +get')).not.toBe(of('-@all +ping +set'))
})

it('CLIENT LIST tells the users of sentinels, each once', () => {
  const line = (name: string, user: string): string =>
    `id=3 addr=127.0.0.1:1 name=${name} age=0 cmd=info user=${user} resp=2`
  const clients = [
    line('sentinel-456c2349-cmd', 'watcher'),
    line('sentinel-456c2350-cmd', 'watcher'),
    line('app', 'x'),
    line('sentinel-456c2349-pubsub', 'y')
  ]
  expect(sentinelUsers(clients.join('\n'))).toEqual(['watcher'])
})

describe('the answers of a sentinel', () => {
  it('are a view of the group', () => {
    const described = ['ip', 'a', 'port', '1', 'flags', 'slave,s_down']
    expect(
      readGroup({
        address: ['b', '2'],
        primary: [
          'flags',
          'master',
          'config-epoch',
          '3',
          'quorum',
          '2',
          'down-after-milliseconds',
          '5',
          'failover-timeout',
          '6',
          'parallel-syncs',
          '1'
        ],
        replicas: [described],
        others: [['ip', 'c', 'port', '3', 'runid', 'of c', 'flags', 'sentinel']]
      })
    ).toEqual({
      primary: { host: 'b', port: 2 },
      flags: ['master'],
      configEpoch: 3,
      settings: { quorum: 2, downAfterMs: 5, failoverTimeoutMs: 6, parallelSyncs: 1 },
      replicas: [{ address: { host: 'a', port: 1 }, flags: ['slave', 's_down'] }],
      others: [{ id: 'of c', address: { host: 'c', port: 3 }, flags: ['sentinel'] }]
    })
  })

  it.each([
    [null, 'unknown'],
    [undefined, undefined],
    [['b', '2'], { primary: { host: 'b', port: 2 } }]
  ])('%j and no others are %j', (address, group) => {
    expect(readGroup({ address, primary: undefined, replicas: undefined, others: undefined })).toEqual(group)
  })
})

describe('users and passwords', () => {
  const target = (url: string, options: Target['options'] = {}): Target => ({ url, options, timeoutMs: 1 })

  it('come from the URL, decoded, and flags win', () => {
    const url = 'redis+sentinel://app:p%40ss@a:1,b:2/mymaster?sentinelPassword=s%2F1'
    expect(nodeAccess(target(url))).toEqual({ username: 'app', password: 'p@ss' })
    expect(nodeAccess(target(url, { password: 'other' }))).toEqual({ username: 'app', password: 'other' })
    expect(sentinelAccess(target(url))).toEqual({ password: 's/1' })
  })

  it('are none where none are given', () => {
    expect(nodeAccess(target('redis+sentinel://a:1/mymaster'))).toEqual({})
    expect(nodeAccess(target('rediss+sentinel://a:1/mymaster'))).toEqual({ tls: {} })
    expect(sentinelAccess({ options: { sentinelTls: { ca: 'x' } }, timeoutMs: 1 })).toEqual({ tls: { ca: 'x' } })
  })
})
