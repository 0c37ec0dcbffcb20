import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/cli/doctor/diagnose.js'
import type { Examination } from '../../../src/cli/doctor/examination.js'
import { RULES } from '../../../src/cli/doctor/rules/all.js'
import { deepFreeze } from '../../support/deep-freeze.js'
import {
  at,
  examination,
  HOSTS,
  node,
  sentinel,
  settings,
  withFollowers,
  withNode,
  withNodes,
  withSentinel,
  withSettings
} from './examinations.js'

const codes = (given: Examination): string[] => [...new Set(diagnose(deepFreeze(given)).map(({ code }) => code))]

const DAY_MS = 24 * 3_600_000
const silentNode = { key: '10.0.0.3:6379', address: at('10.0.0.3'), unreachable: 'connect ECONNREFUSED' }
const DENIED =
  'DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want'
const deniedNode = { ...silentNode, unreachable: DENIED }
const silentSentinel = { key: '10.0.1.3:26379', address: { host: '10.0.1.3', port: 26379 }, unreachable: 'timeout' }
const three = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => node(host))
/** The node under a second address. */
const alias = (host: string, other: string): Examination['nodes'][number] => ({
  ...node(host),
  key: `${other}:6379`,
  address: at(other)
})
/** protected-mode as of Redis 6.2. */
const old = ({ bind }: { readonly bind: string[] }) => ({
  version: '6.2.14',
  accounts: { open: true },
  config: { protectedMode: true, bind }
})
const shut = { accounts: { open: true }, config: { protectedMode: true } }
/** A group on one machine, with nodes and sentinels known so. */
const onOneMachine = (host = '127.0.0.1'): Examination => {
  const here = (port: number) => ({ host, port })
  const role = { kind: 'replica' as const, of: here(6379), linkUp: true }
  const follower = (port: number) => ({ address: here(port), online: true, lagSeconds: 0, lagBytes: 0 })
  const primary = { kind: 'primary' as const, replicas: [follower(6380), follower(6381)] }
  const nodes = [6379, 6380, 6381].map((port) => ({
    ...node('10.0.0.1', { ...shut, info: { runId: `run of ${port}`, role: port === 6379 ? primary : role } }),
    key: `${host}:${port}`,
    address: here(port)
  }))
  const replicas = [6380, 6381].map((port) => ({ address: here(port), flags: ['slave'] }))
  const ports = [26379, 26380, 26381]
  const sentinels = ports.map((port) => {
    const others = ports.flatMap((other) =>
      other === port ? [] : [{ id: `${other}`, address: here(other), flags: ['sentinel'] }]
    )
    const one = sentinel(host, { primary: here(6379), replicas, others }, { id: `${port}` })
    return { ...one, key: `${host}:${port}`, address: here(port) }
  })
  return examination({ nodes, sentinels })
}
const two = [node('10.0.0.1'), node('10.0.0.2')]
/** The third node is known elsewhere. */
const thirdAt = (host: string, key = `${host}:6379`): Examination =>
  withNodes([...two, { ...node('10.0.0.3'), key, address: at(host) }])
/** A node that refuses INFO, and with it what is given. */
const refusingInfo = (host: string, over: Parameters<typeof node>[1] = {}): Examination['nodes'][number] => {
  const one = node(host, { refused: ['INFO: NOPERM'], ...over })
  if (!('facts' in one)) throw new Error('it has no facts')
  const { info: _, ...facts } = one.facts
  return { ...one, facts: { ...facts, version: undefined, clock: undefined } }
}
/** The replica at 10.0.0.2 is such a one. */
const withoutInfo = (over: Parameters<typeof node>[1] = {}): Examination =>
  withNodes([node('10.0.0.1'), refusingInfo('10.0.0.2', over), node('10.0.0.3')])
const snapshots = { config: { appendOnly: false, savePoints: '3600 1' } }
const renamedInfo = [{ command: 'INFO', said: "INFO: ERR unknown command 'info', with args beginning with: " }]
const renamed = [{ command: 'EXEC', said: "ACL DRYRUN default: ERR Command 'exec' not found" }]
const disconnected = [
  { address: at('10.0.0.2'), flags: ['slave'] },
  { address: at('10.0.0.3'), flags: ['slave', 'disconnected'] }
]
/** The same sentinel, asked at another address than the one that the others list. */
const askedAt = (host: string, one: Examination['sentinels'][number]): Examination['sentinels'][number] => ({
  ...one,
  key: `${host}:26379`,
  address: { host, port: 26379 }
})
/** All is announced by name, and the sentinels are asked at what the names resolve to. */
const byName = (lost = false): Examination => {
  const names = ['sentinel-0', 'sentinel-1', 'sentinel-2']
  const others = (of: string, index: number) => ({
    id: `id of ${of}`,
    address: { host: of, port: 26379 },
    flags: ['sentinel', ...(lost && index === 2 ? ['disconnected'] : [])]
  })
  const view = (own: string) => ({
    primary: at('redis-0'),
    replicas: [{ address: at('redis-1'), flags: ['slave'] }],
    others: names.flatMap((name, index) => (name === own ? [] : [others(name, index)]))
  })
  const all = names.map((name, index) => askedAt(`10.0.1.${index + 1}`, sentinel(name, view(name))))
  const dead = { key: 'sentinel-2:26379', address: { host: 'sentinel-2', port: 26379 }, unreachable: 'timeout' }
  const replica = node('redis-1', { info: { role: { kind: 'replica', of: at('redis-0'), linkUp: true } } })
  const follower = { address: at('redis-1'), online: true, lagSeconds: 0, lagBytes: 0 }
  const primary = node('redis-0', {
    info: { role: { kind: 'primary', replicas: [follower] } },
    config: { minReplicas: 1 }
  })
  return examination({
    sentinels: lost ? [...all.slice(0, 2), dead] : all,
    nodes: [primary, replica, node('redis-2', { info: { role: { kind: 'replica', of: at('redis-0'), linkUp: true } } })]
  })
}
const certificate = (leftDays: number, lifetimeDays: number) => ({
  certificate: { leftMs: leftDays * DAY_MS, lifetimeMs: lifetimeDays * DAY_MS }
})
/** So many clients at the primary, and a replica for so many; that has eight itself. */
const moved = (clients: number, maxClients: number, priority = 100): Examination =>
  withNodes([
    node('10.0.0.1', { info: { clients } }),
    node('10.0.0.2', { info: { clients: 8, priority }, config: { maxClients } }),
    node('10.0.0.3')
  ])
const fourth = { address: { host: '10.0.1.4', port: 26379 }, flags: ['sentinel'] }
const lacking = (purpose: 'sentinel' | 'replication' | 'client') => ({
  accounts: { checked: [{ purpose, user: 'u', lacking: ['+psync'] }] }
})
const seeing = (flags: readonly string[]): Examination['sentinels'] =>
  ['10.0.1.1', '10.0.1.2'].map((host) =>
    sentinel(host, {
      others: ['10.0.1.1', '10.0.1.2', '10.0.1.3']
        .filter((other) => other !== host)
        .map((other) => ({
          id: `id of ${other}`,
          address: { host: other, port: 26379 },
          flags: other === '10.0.1.3' ? flags : ['sentinel']
        }))
    })
  )
const isReplica = { kind: 'replica' as const, of: at('10.0.0.1'), linkUp: true }

/** What is so, and all codes that come of it. */
const CASES: readonly (readonly [readonly string[], string, Examination])[] = [
  [['no-primary'], 'no connection', examination({ connectError: 'no primary' })],
  [
    ['primary-is-replica'],
    'the named one follows',
    withNode('10.0.0.1', { info: { role: { ...isReplica, of: at('10.0.0.9') } } })
  ],
  [['several-primaries'], 'a second one', withNode('10.0.0.2', { info: { role: { kind: 'primary', replicas: [] } } })],
  [['follows-another'], 'a chain', withNode('10.0.0.3', { info: { role: { ...isReplica, of: at('10.0.0.2') } } })],
  [
    ['follows-another'],
    'an unknown node',
    withNode('10.0.0.3', { info: { role: { ...isReplica, of: { host: '10.0.0.9', port: 1 } } } })
  ],
  [
    ['follows-another'],
    'an unknown node of the same port',
    withNode('10.0.0.3', { info: { role: { ...isReplica, of: at('10.0.0.9') } } })
  ],
  [['names-mixed'], 'the primary under two addresses', withNodes([...three, alias('10.0.0.1', 'redis-0')])],
  [
    ['names-mixed'],
    'a replica of its second address',
    withNodes([
      ...two,
      node('10.0.0.3', { info: { role: { ...isReplica, of: at('redis-0') } } }),
      alias('10.0.0.1', 'redis-0')
    ])
  ],
  [
    ['replicas-few', 'names-mixed'],
    'a replica under two addresses, counted once',
    withNodes([node('10.0.0.1'), node('10.0.0.2'), alias('10.0.0.2', 'redis-1')])
  ],
  [
    ['no-replica', 'names-mixed'],
    'the primary alone, under two addresses',
    withNodes([node('10.0.0.1'), alias('10.0.0.1', 'redis-0')])
  ],
  [[], 'the primary by its name', withNode('10.0.0.3', { info: { role: { ...isReplica, of: at('redis-0') } } })],
  [['no-replica'], 'one node', withNodes([node('10.0.0.1')])],
  [
    ['no-candidate'],
    'priorities of 0',
    withNodes([
      node('10.0.0.1'),
      node('10.0.0.2', { info: { priority: 0 } }),
      node('10.0.0.3', { info: { priority: 0 } })
    ])
  ],
  [[], 'one priority of 0', withNode('10.0.0.2', { info: { priority: 0 } })],
  [
    ['node-unreachable'],
    'a priority of 0, and one that is silent here',
    withNodes([node('10.0.0.1'), node('10.0.0.2', { info: { priority: 0 } }), silentNode])
  ],
  [['node-unreachable'], 'silent here, well there', withNodes([...two, silentNode])],
  [
    ['node-down', 'views-differ'],
    'listed by none',
    examination({
      nodes: [...two, silentNode],
      sentinels: ['10.0.1.1', '10.0.1.2', '10.0.1.3'].map((host, index) =>
        sentinel(host, { replicas: index === 0 ? disconnected.slice(0, 1) : disconnected })
      )
    })
  ],
  [['node-unusable'], 'silent there, well here', withSentinel({ replicas: disconnected })],
  [['node-unusable', 'primary-suspected'], 's_down there, well here', withSentinel({ flags: ['master', 's_down'] })],
  [
    ['sentinel-unreachable'],
    'silent here, well there',
    examination({ sentinels: [...seeing(['sentinel']), silentSentinel] })
  ],
  [
    ['sentinel-down'],
    'silent everywhere',
    examination({ sentinels: [...seeing(['sentinel', 's_down']), silentSentinel] })
  ],
  [
    ['sentinel-unusable'],
    'silent there, well here',
    examination({ sentinels: [...seeing(['sentinel', 'disconnected']), sentinel('10.0.1.3')] })
  ],
  [
    ['sentinel-unusable'],
    'the same, asked at another address',
    examination({ sentinels: [...seeing(['sentinel', 'disconnected']), askedAt('10.0.2.3', sentinel('10.0.1.3'))] })
  ],
  [
    ['sentinel-down'],
    'a dead seed that no sentinel lists, and that is not counted',
    examination({
      sentinels: [...HOSTS.map((host) => sentinel(host)), { ...silentSentinel, key: 'x:1', address: at('x') }]
    })
  ],
  [
    ['group-unknown'],
    'one that does not know it',
    examination({ sentinels: [...seeing(['sentinel']), unknowing('10.0.1.3')] })
  ],
  [[], 'none that knows it', examination({ sentinels: [unknowing('10.0.1.1')], nodes: [] })],
  [['primary-disagreement'], 'two primaries named', withSentinel({ primary: at('10.0.0.2') })],
  [['epoch-disagreement'], 'an older epoch', withSentinel({ configEpoch: 3 })],
  [
    ['views-differ', 'quorum-not-majority', 'sentinels-even'],
    'one knows more',
    withSentinel({ others: [fourth, fourth, fourth] })
  ],
  [['settings-differ'], 'another down-after', withSentinel({ settings: { ...settings, downAfterMs: 6_000 } })],
  [['tilt'], 'TILT', withSentinel({}, { tilt: true })],
  [['failover-under-way'], 'a failover', withSentinel({ flags: ['master', 'failover_in_progress'] })],
  [['quorum-impossible'], 'NOQUORUM', withSentinel({}, { quorumCheck: { ok: false, text: 'NOQUORUM' } })],
  [['quorum-not-majority'], 'a quorum of 1', withSettings({ quorum: 1 })],
  [
    ['quorum-not-majority', 'sentinels-few'],
    'one sentinel',
    examination({ sentinels: [sentinel('10.0.1.1', { others: [] })] })
  ],
  [['replica-link-down'], 'no link', withNode('10.0.0.2', { info: { role: { ...isReplica, linkUp: false } } })],
  [['min-replicas-unsatisfied', 'replica-lag'], 'no acknowledgement for 11 s', withFollowers({ lagSeconds: 11 })],
  [['replica-lag'], '100 MB behind', withFollowers({ lagBytes: 1e8 })],
  [[], '10 s', withFollowers({ lagSeconds: 10 })],
  [['replica-writable'], 'writes at a replica', withNode('10.0.0.2', { config: { replicaReadOnly: false } })],
  [['min-replicas-off'], 'none needed', withNode('10.0.0.1', { config: { minReplicas: 0 } })],
  [['min-replicas-off'], 'one needed, in no time', withNode('10.0.0.1', { config: { minReplicasMaxLagSeconds: 0 } })],
  [
    ['min-replicas-off'],
    'more needed than there are, in no time',
    withNode('10.0.0.1', { config: { minReplicas: 5, minReplicasMaxLagSeconds: 0 } })
  ],
  [['min-replicas-unsatisfied'], 'none online', withFollowers({ online: false })],
  [['min-replicas-too-many'], 'all needed', withNode('10.0.0.1', { config: { minReplicas: 2 } })],
  [
    [],
    'all but one needed',
    withNodes([...three.slice(0, 2), node('10.0.0.3', { config: { minReplicas: 2 } }), node('10.0.0.4')])
  ],
  [['replicas-few'], 'one replica, and that is needed', withNodes(two)],
  [
    ['replicas-few'],
    'one replica, and that is not needed',
    withNodes([node('10.0.0.1', { config: { minReplicas: 0 } }), node('10.0.0.2')])
  ],
  [
    ['min-replicas-too-many', 'replicas-few'],
    'one replica, and two needed',
    withNodes([node('10.0.0.1'), node('10.0.0.2', { config: { minReplicas: 2 } })])
  ],
  [['backlog-small'], 'a mebibyte a second', withNode('10.0.0.1', { info: { streamBytesPerSecond: 2 ** 20 } })],
  [
    ['replica-buffer-small'],
    'a soft limit',
    withNode('10.0.0.3', { config: { replicaBuffer: { hardBytes: 0, softBytes: 1 } } })
  ],
  [[], 'no limit', withNode('10.0.0.3', { config: { replicaBuffer: { hardBytes: 0, softBytes: 0 } } })],
  [['loopback-announced'], '127.0.0.1 among others', thirdAt('127.0.0.1')],
  [['loopback-announced'], '127.0.1.1 among others', thirdAt('127.0.1.1')],
  [['loopback-announced'], '::1 among others', thirdAt('::1', '[::1]:6379')],
  [['loopback-announced', 'names-mixed'], 'Localhost among others', thirdAt('Localhost')],
  [['names-mixed'], 'a name among addresses', thirdAt('redis-2')],
  [['names-mixed'], 'a name that begins like a loopback address', thirdAt('127.example.com')],
  [[], 'names everywhere, sentinels asked at IP addresses', byName()],
  [['sentinel-down'], 'the same, and one is dead', byName(true)],
  [
    [],
    'a sentinel asked at the loopback of its own machine',
    examination({
      sentinels: HOSTS.map((host, index) => (index === 0 ? askedAt('127.0.0.1', sentinel(host)) : sentinel(host)))
    })
  ],
  [['hostnames-differ'], 'one announces names', withSentinel({}, { hostnames: { resolve: true, announce: true } })],
  [
    ['primary-password-missing'],
    'no password for the primary',
    withNode('10.0.0.2', { config: { hasPrimaryPassword: false } })
  ],
  [
    ['primary-password-wrong'],
    'another password than that of the next primary',
    withNode('10.0.0.2', { shutOut: [{ key: '10.0.0.3:6379', because: 'none of its passwords' }] })
  ],
  [['command-renamed'], 'a node without EXEC', withNode('10.0.0.2', { renamed })],
  [['sentinel-rights'], 'a sentinel without a right', withNode('10.0.0.2', lacking('sentinel'))],
  [['replication-rights'], 'a replica without a right', withNode('10.0.0.2', lacking('replication'))],
  [['client-rights'], 'an application without a right', withNode('10.0.0.2', lacking('client'))],
  [['users-differ'], 'another password', withNode('10.0.0.2', { accounts: { users: new Map([['default', 'b']]) } })],
  [
    ['open-to-all'],
    'open at every address',
    withNode('10.0.0.2', { accounts: { open: true }, config: { bind: ['*', '-::*'] } })
  ],
  [
    [],
    'open at every address to those with a certificate',
    withNode('10.0.0.2', { accounts: { open: true }, config: { bind: ['*'], certifiedClientsOnly: true } })
  ],
  [[], 'open at one address', withNode('10.0.0.2', { accounts: { open: true } })],
  [['protected-mode'], 'shut', withNode('10.0.0.2', shut)],
  [['protected-mode', 'versions-differ'], 'shut, 6.2', withNode('10.0.0.2', old({ bind: [] }))],
  [['protected-mode'], 'what it says to everybody here, and to no sentinel', withNodes([...two, deniedNode])],
  [
    ['protected-mode', 'views-differ'],
    'what it says to all, sentinels too',
    examination({
      nodes: [...two, deniedNode],
      sentinels: HOSTS.map((host, index) =>
        sentinel(host, { replicas: index === 0 ? disconnected.slice(0, 1) : disconnected })
      )
    })
  ],
  [['protected-mode'], 'what one says of a group that is announced at loopback', deniedAtLoopback()],
  [
    ['sentinel-unreachable'],
    'what a sentinel says',
    examination({ sentinels: [...seeing(['sentinel']), { ...silentSentinel, unreachable: DENIED }] })
  ],
  [['versions-differ'], 'open by a bind, 6.2', withNode('10.0.0.2', old({ bind: ['10.0.0.2'] }))],
  [[], 'shut, for others than the group', onOneMachine()],
  [[], 'the same, by another address of the machine itself', onOneMachine('127.0.1.1')],
  [[], 'shut and with a password', withNode('10.0.0.2', { config: { protectedMode: true } })],
  [
    ['not-examined'],
    'a sentinel that tells its INFO alone',
    examination({ sentinels: HOSTS.map((host, index) => (index === 0 ? withoutRights(host) : sentinel(host))) })
  ],
  [
    ['not-examined'],
    'one that names the primary alone',
    examination({ sentinels: HOSTS.map((host, index) => (index === 0 ? refusing(host) : sentinel(host))) })
  ],
  [['not-examined'], 'three of that kind', examination({ sentinels: HOSTS.map(refusing) })],
  [['not-examined'], 'INFO refused at a replica', withoutInfo()],
  [
    ['not-examined'],
    'the same, and a priority of 0 at the other',
    withNodes([node('10.0.0.1'), refusingInfo('10.0.0.2'), node('10.0.0.3', { info: { priority: 0 } })])
  ],
  [['not-examined'], 'at the primary', withNodes([refusingInfo('10.0.0.1'), node('10.0.0.2'), node('10.0.0.3')])],
  [['not-examined'], 'at all nodes', withNodes(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => refusingInfo(host)))],
  [
    ['not-examined'],
    'at a sentinel',
    withSentinel({}, { version: undefined, clock: undefined, tilt: undefined, refused: ['INFO: NOPERM'] })
  ],
  [
    ['not-examined', 'min-replicas-off', 'persistence-off', 'users-differ'],
    'INFO refused, and what is told all the same',
    withoutInfo({
      config: { minReplicas: 0, appendOnly: false },
      accounts: { users: new Map([['default', 'b']]) }
    })
  ],
  [['not-examined', 'snapshots-only'], 'the same of snapshots', withoutInfo(snapshots)],
  [['not-examined', 'protected-mode'], 'shut, of an unknown version', withoutInfo(old({ bind: [] }))],
  [['not-examined'], 'shut perhaps, of an unknown version with a bind', withoutInfo(old({ bind: ['10.0.0.2'] }))],
  [['not-examined', 'command-renamed'], 'INFO renamed', withoutInfo({ renamed: renamedInfo })],
  [['not-examined'], 'a refusal at a node', withNode('10.0.0.2', { refused: ['CONFIG GET: NOPERM'] })],
  [['down-after-short'], 'half a second', withSettings({ downAfterMs: 500 })],
  [['down-after-long'], 'the default', withSettings({ downAfterMs: 30_000 })],
  [
    ['deadline-short'],
    'a deadline of 3 s',
    examination({ expectations: { maxLagMs: 10_000, clientDeadlineMs: 3_000 } })
  ],
  [[], 'a deadline of 10 s', examination({ expectations: { maxLagMs: 10_000, clientDeadlineMs: 10_000 } })],
  [['failover-timeout-short'], 'three seconds', withSettings({ failoverTimeoutMs: 3_000 })],
  [['failover-timeout-long'], 'the default', withSettings({ failoverTimeoutMs: 180_000 })],
  [['clock-skew'], 'two seconds behind', withNode('10.0.0.2', { clock: { aheadMs: -2_000, giveOrTakeMs: 5 } })],
  [[], 'two seconds, measured badly', withNode('10.0.0.2', { clock: { aheadMs: -2_000, giveOrTakeMs: 1_500 } })],
  [['certificate-ends'], 'three days of 90 left at a node', withNode('10.0.0.2', certificate(3, 90))],
  [['certificate-ends'], 'three days of 90 left at a sentinel', withSentinel({}, certificate(3, 90))],
  [['certificate-ends'], 'nothing left', withNode('10.0.0.2', certificate(-1, 90))],
  [[], 'two weeks of 90 days left', withNode('10.0.0.2', certificate(14, 90))],
  [[], 'eight hours of a day left', withNode('10.0.0.2', certificate(1 / 3, 1))],
  [['certificate-ends'], 'seven hours of a day left', withNode('10.0.0.2', certificate(7 / 24, 1))],
  [['persistence-off'], 'nothing on disk', withNode('10.0.0.2', { config: { appendOnly: false } })],
  [
    ['snapshots-only'],
    'snapshots alone',
    withNode('10.0.0.2', { config: { appendOnly: false, savePoints: '3600 1 300 100' } })
  ],
  [[], 'snapshots and each write', withNode('10.0.0.2', { config: { savePoints: '3600 1' } })],
  [
    ['persistence-failing'],
    'a failed snapshot',
    withNode('10.0.0.2', { info: { persistenceFailed: ['rdb_last_bgsave_status'] } })
  ],
  [['config-file-missing'], 'no file', withNode('10.0.0.2', { info: { configFile: '' } })],
  [['maxclients-near'], '80 of 100', withNode('10.0.0.2', { info: { clients: 80 }, config: { maxClients: 100 } })],
  [[], '79 of 100', withNode('10.0.0.2', { info: { clients: 79 }, config: { maxClients: 100 } })],
  [['maxclients-near'], '80 at the primary, and a replica for 100', moved(80, 100)],
  [[], '79 at the primary, and a replica for 100', moved(79, 100)],
  [[], '80 at the primary, and a replica for 100 that is never promoted', moved(80, 100, 0)],
  [['maxmemory-differs'], 'a limit at one', withNode('10.0.0.2', { info: { maxMemoryBytes: 1e9 } })],
  [
    ['maxmemory-differs'],
    'limits that differ by a thousandth',
    withNodes(
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host, index) =>
        node(host, { info: { maxMemoryBytes: 2 ** 30 + index * 2 ** 20 } })
      )
    )
  ],
  [
    ['memory-near'],
    'full',
    withNodes(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => node(host, { info: { maxMemoryBytes: 2_100_000 } })))
  ],
  [
    [],
    'a full cache',
    withNodes(
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) =>
        node(host, { info: { maxMemoryBytes: 2_100_000, evictionPolicy: 'allkeys-lru' } })
      )
    )
  ],
  [['versions-differ'], 'an older one', withNode('10.0.0.2', { version: '6.2.14' })]
]

function deniedAtLoopback(): Examination {
  const given = onOneMachine()
  return {
    ...given,
    nodes: given.nodes.map((one, index) => {
      const { key, address } = one
      return index === 2 ? { key, address, unreachable: DENIED } : one
    })
  }
}

function unknowing(host: string): Examination['sentinels'][number] {
  return sentinel(host, {}, { group: 'unknown' })
}

/** What a user without any right but INFO is told of a sentinel. */
function withoutRights(host: string): Examination['sentinels'][number] {
  const one = sentinel(host)
  if (!('facts' in one)) throw new Error('it has no facts')
  const { version, clock, tilt } = one.facts
  return { ...one, facts: { version, clock, tilt, refused: ['SENTINEL MASTER: NOPERM'] } }
}

/** One that says who the primary is, and no more. */
function refusing(host: string): Examination['sentinels'][number] {
  return sentinel(host, {}, { group: { primary: at('10.0.0.1') }, refused: ['SENTINEL MASTER: NOPERM'] })
}

describe('the rules of doctor', () => {
  it('find nothing in a group in which all is well', () => {
    expect(diagnose(examination())).toEqual([])
  })

  it.each(CASES)('%j: %s', (expected, _, given) => {
    expect(codes(given).sort()).toEqual([...expected].sort())
  })

  it('say of a crowd to come how many it is, and ask for room for it', () => {
    const [found, ...more] = diagnose(moved(7_000, 1_000))
    expect([found?.at, found?.evidence]).toEqual([
      '10.0.0.2:6379',
      'INFO clients of the primary, 10.0.0.1:6379, says connected_clients:7000; CONFIG GET maxclients says 1000'
    ])
    expect(found?.remedy).toMatch(/^CONFIG SET maxclients 14000, at 10\.0\.0\.2:6379 /)
    expect(more).toEqual([])
    // It is told once of a node that is full by itself.
    expect(diagnose(moved(20, 10)).map((each) => each.evidence)).toEqual([
      expect.stringMatching(/^INFO clients says connected_clients:8;/)
    ])
  })

  it('say what turns min-replicas-to-write off', () => {
    const given = withNode('10.0.0.1', { config: { minReplicasMaxLagSeconds: 0 } })
    expect(diagnose(given).map(({ evidence }) => evidence)).toEqual([
      'CONFIG GET min-replicas-to-write says 1, which counts as 0: min-replicas-max-lag says 0'
    ])
  })

  it('say of INFO that was renamed what that costs', () => {
    const found = diagnose(withoutInfo({ renamed: renamedInfo })).find(({ code }) => code === 'command-renamed')
    expect(found?.evidence).toBe(
      "INFO: ERR unknown command 'info', with args beginning with:; unless every sentinel was told its new name, no failover to it succeeds"
    )
  })

  it('say what was read where INFO was refused, and no more', () => {
    const evidence = (code: string, over: Parameters<typeof node>[1]): string | undefined =>
      diagnose(withoutInfo(over)).find((found) => found.code === code)?.evidence
    expect(evidence('persistence-off', { config: { appendOnly: false } })).toBe(
      'CONFIG GET says appendonly no and save ""'
    )
    expect(evidence('snapshots-only', snapshots)).toBe('CONFIG GET says appendonly no and save "3600 1"')
  })

  it('say the words of a node that takes no connection, of protected-mode the first sentence', () => {
    const unreachable = 'ERR max number of clients reached'
    const [full, ...more] = diagnose(withNodes([...two, { ...silentNode, unreachable }]))
    expect([full?.code, full?.evidence]).toEqual([
      'node-unreachable',
      expect.stringMatching(/^from here: ERR max number of clients reached; 10\.0\.1\.1:26379 says slave; /)
    ])
    expect(full?.remedy).toContain('CONFIG SET maxclients <more>')
    expect(more).toEqual([])
    expect(diagnose(withNodes([...two, deniedNode])).map(({ at, evidence }) => [at, evidence])).toEqual([
      [
        '10.0.0.3:6379',
        'from here: DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user'
      ]
    ])
  })

  it('leave the choice with one replica, and exit code 0', () => {
    const [found, ...more] = diagnose(withNodes(two))
    expect(found).toMatchObject({
      severity: 'note',
      evidence:
        'SENTINEL REPLICAS mymaster: 1 in all; CONFIG GET min-replicas-to-write says 1 by 10.0.0.1:6379, 10.0.0.2:6379',
      remedy: expect.stringMatching(/^a second replica, started with: replicaof 10\.0\.0\.1 6379;/) as string
    })
    expect(more).toEqual([])
    const off = withNodes([node('10.0.0.1'), node('10.0.0.2', { config: { minReplicasMaxLagSeconds: 0 } })])
    expect(diagnose(off).map(({ evidence }) => evidence)).toEqual([
      expect.stringMatching(
        / says 1 by 10\.0\.0\.1:6379; 1, which counts as 0: min-replicas-max-lag says 0 by 10\.0\.0\.2:6379$/
      )
    ])
  })

  it('name the command that was renamed, and the new one’s place', () => {
    const [found] = diagnose(withNode('10.0.0.2', { renamed }))
    expect(found?.evidence).toBe(
      "ACL DRYRUN default: ERR Command 'exec' not found; unless every sentinel was told its new name, no failover to it succeeds"
    )
    expect(found?.remedy).toMatch(/^SENTINEL SET mymaster rename-command EXEC <new name>, at every sentinel; /)
    const said = "ACL DRYRUN default: ERR Command 'multi' not found"
    expect(diagnose(withNode('10.0.0.2', { renamed: [{ command: 'MULTI', said }] }))[0]?.evidence).toBe(said)
  })

  it('tell by whom a node is shut out, and why, each reason once', () => {
    const because = 'none of its passwords'
    const shutOut = [
      { key: 'a:1', because },
      { key: 'b:1', because },
      { key: 'c:1', because: 'the user is off' }
    ]
    expect(diagnose(withNode('10.0.0.2', { shutOut, config: { primaryUser: 'follower' } }))[0]?.evidence).toBe(
      'CONFIG GET masterauth for the user follower, by ACL LIST: none of its passwords at a:1, b:1; the user is off at c:1'
    )
  })

  it('tell the last snapshot, and the time of a certificate', () => {
    const [told] = diagnose(withNode('10.0.0.2', { ...snapshots, info: { lastSaveSeconds: 1_700_000_000 } }))
    expect(told?.evidence).toBe(
      'CONFIG GET says appendonly no and save "3600 1", of a replica; INFO persistence says rdb_last_save_time:1700000000, 2023-11-14T22:13:20.000Z'
    )
    const evidence = (left: number, lifetime: number) =>
      diagnose(withNode('10.0.0.2', certificate(left, lifetime)))[0]?.evidence
    expect(evidence(3, 90)).toBe('the certificate that it shows is valid for 3.0 days yet, of 90.0 days')
    expect(evidence(0.25, 1)).toBe('the certificate that it shows is valid for 6.0 h yet, of 24.0 h')
  })

  it('are all tried here', () => {
    expect(new Set(CASES.flatMap(([expected]) => expected))).toEqual(new Set(RULES.map(({ code }) => code)))
  })

  it('have codes of their own', () => {
    const all = RULES.map(({ code }) => code)
    expect([...new Set(all)]).toEqual(all)
  })

  it('tell the worst first, and remedies without a hole', () => {
    const found = diagnose(examination({ ...withSettings({ quorum: 1, downAfterMs: 30_000 }), connectError: 'none' }))
    expect([...new Set(found.map(({ severity }) => severity))]).toEqual(['error', 'warning', 'note'])
    expect(found.find(({ code }) => code === 'quorum-not-majority')?.remedy).toBe(
      'SENTINEL SET mymaster quorum 2, at every sentinel'
    )
  })
})
