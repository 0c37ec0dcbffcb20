import type { Address } from '../../index.js'
import type { Accounts, CheckedUser, Follower, NodeConfig, NodeInfo, Role } from './examination.js'
import { type Fields, numberIn } from './read-info.js'

/** What INFO says: redis `src/server.c` genRedisInfoString(). */
export function readNodeInfo(info: Fields): NodeInfo {
  return {
    runId: info.get('run_id') ?? '',
    role: readRole(info),
    priority: Number(info.get('slave_priority') ?? 100),
    configFile: info.get('config_file') ?? '',
    supervised: info.get('process_supervised') ?? 'no',
    clients: numberIn(info, 'connected_clients'),
    usedMemoryBytes: numberIn(info, 'used_memory'),
    maxMemoryBytes: numberIn(info, 'maxmemory'),
    evictionPolicy: info.get('maxmemory_policy') ?? 'noeviction',
    persistenceFailed: ['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status'].filter(
      (field) => info.get(field) === 'err'
    ),
    lastSaveSeconds: numberIn(info, 'rdb_last_save_time'),
    streamBytesPerSecond: numberIn(info, 'instantaneous_output_repl_kbps') * 1024
  }
}

function readRole(info: Fields): Role {
  if (info.get('role') !== 'slave') return { kind: 'primary', replicas: readFollowers(info) }
  const seconds = Number(info.get('master_link_down_since_seconds') ?? -1)
  return {
    kind: 'replica',
    of: { host: info.get('master_host') ?? '', port: numberIn(info, 'master_port') },
    linkUp: info.get('master_link_status') === 'up',
    ...(seconds >= 0 && { linkDownSeconds: seconds })
  }
}

function readFollowers(info: Fields): Follower[] {
  const written = numberIn(info, 'master_repl_offset')
  return [...info]
    .filter(([name]) => /^slave\d+$/.test(name))
    .map(([, text]) => {
      const fields = new Map(text.split(',').map((part) => part.split('=', 2) as [string, string]))
      return {
        address: addressOf(fields.get('ip'), fields.get('port')),
        online: fields.get('state') === 'online',
        lagSeconds: numberIn(fields, 'lag'),
        lagBytes: Math.max(0, written - numberIn(fields, 'offset'))
      }
    })
}

function addressOf(host: string | undefined, port: string | undefined): Address {
  return { host: host ?? '', port: Number(port) }
}

/** What `CONFIG GET *` says. */
export function readNodeConfig(config: Fields): NodeConfig {
  const limits = /(?:slave|replica) (\d+) (\d+) \d+/.exec(config.get('client-output-buffer-limit') ?? '')
  return {
    minReplicas: numberIn(config, 'min-replicas-to-write'),
    minReplicasMaxLagSeconds: numberIn(config, 'min-replicas-max-lag'),
    replicaReadOnly: config.get('replica-read-only') !== 'no',
    appendOnly: config.get('appendonly') === 'yes',
    savePoints: config.get('save') ?? '',
    maxClients: numberIn(config, 'maxclients'),
    protectedMode: config.get('protected-mode') === 'yes',
    certifiedClientsOnly: config.get('port') === '0' && config.get('tls-auth-clients') === 'yes',
    bind: (config.get('bind') ?? '').split(' ').filter((part) => part !== ''),
    replicaBuffer: { hardBytes: Number(limits?.[1] ?? 0), softBytes: Number(limits?.[2] ?? 0) },
    backlogBytes: numberIn(config, 'repl-backlog-size'),
    primaryUser: config.get('masteruser') ?? '',
    hasPrimaryPassword: (config.get('masterauth') ?? '') !== ''
  }
}

/** ACL LIST by user. */
export function readRules(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    lines.map((line) => {
      const [, name = '', ...rules] = line.split(' ')
      return [name, rules] as const
    })
  )
}

/** What ACL LIST says. `fingerprint` keeps the hashes of passwords out of what is told. */
export function readAccounts(
  lines: readonly string[],
  checked: readonly CheckedUser[],
  fingerprint: (text: string) => string
): Accounts {
  const users = readRules(lines)
  const first = users.get('default') ?? []
  return {
    open: first.includes('on') && first.includes('nopass'),
    // Servers list the same rights in different orders: it is that of a hash table with a seed of its own.
    users: new Map([...users].map(([name, rules]) => [name, fingerprint(rules.toSorted().join(' '))])),
    checked
  }
}

/** The users of the sentinels' connections in CLIENT LIST: redis `src/sentinel.c` sentinelSetClientName(). */
export function sentinelUsers(clientList: string): readonly string[] {
  const users = [...clientList.matchAll(/ name=sentinel-[0-9a-f]{8}-cmd .*? user=(\S+)/g)].map(([, user = '']) => user)
  return [...new Set(users)]
}
