import { createHash } from 'node:crypto'
import { formatAddress } from '../../protocol/address.js'
import type { FakeReply } from './encode-reply.js'
import type { FakeGroup, FakeOther, FakeReplica } from './state.js'

type Fields = Readonly<Record<string, string>>

/** SENTINEL MASTER: the fields of redis `sentinel.c` addReplySentinelRedisInstance(), with their names on the wire. */
export function describePrimary(name: string, group: FakeGroup): FakeReply {
  const { host, port } = group.judged ?? group.primary
  return map({
    name,
    ip: host,
    port: String(port),
    runid: idOf(`${host}:${port}`),
    flags: (group.flags ?? ['master']).join(','),
    ...link(group),
    'info-refresh': '1000',
    'role-reported': 'master',
    'role-reported-time': '1000',
    'config-epoch': String(group.configEpoch ?? 0),
    'num-slaves': String(group.replicas?.length ?? 0),
    'num-other-sentinels': String(group.sentinels?.length ?? 0),
    quorum: String(group.quorum ?? 2),
    'failover-timeout': String(group.failoverTimeoutMs ?? 180_000),
    'parallel-syncs': '1',
    ...group.fields
  })
}

export function describeReplica(group: FakeGroup, replica: FakeReplica): FakeReply {
  const { host, port } = replica.address
  return map({
    name: formatAddress(replica.address),
    ip: host,
    port: String(port),
    runid: idOf(`${host}:${port}`),
    flags: (replica.flags ?? ['slave']).join(','),
    ...link(group),
    'info-refresh': '1000',
    'role-reported': 'slave',
    'role-reported-time': '1000',
    'master-link-down-time': String(replica.linkDownMs ?? 0),
    'master-link-status': (replica.linkUp ?? true) ? 'ok' : 'err',
    'master-host': group.primary.host,
    'master-port': String(group.primary.port),
    'slave-priority': String(replica.priority ?? 100),
    'slave-repl-offset': String(replica.offset ?? 0),
    'replica-announced': '1',
    ...replica.fields
  })
}

export function describeOther(group: FakeGroup, other: FakeOther): FakeReply {
  const { host, port } = other.address
  const id = other.id ?? idOf(`${host}:${port}`)
  return map({
    name: id,
    ip: host,
    port: String(port),
    runid: id,
    flags: (other.flags ?? ['sentinel']).join(','),
    ...link(group),
    'last-hello-message': '1000',
    'voted-leader': '?',
    'voted-leader-epoch': '0'
  })
}

/** Forty hexadecimal digits, always the same for the same text. */
export function idOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

function link(group: FakeGroup): Fields {
  return {
    'link-pending-commands': '0',
    'link-refcount': '1',
    'last-ping-sent': '0',
    'last-ok-ping-reply': '100',
    'last-ping-reply': '100',
    'down-after-milliseconds': String(group.downAfterMs ?? 30_000)
  }
}

function map(fields: Fields): FakeReply {
  return { map: fields }
}
