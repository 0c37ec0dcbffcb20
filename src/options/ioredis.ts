import type { RedisOptions } from 'ioredis'
import { ConfigurationError } from '../errors.js'
import { suggestion } from '../nearest.js'
import type { Given } from './values.js'
import { duration, show, textOption } from './values.js'

type Form = 'flag' | 'text' | 'secret' | 'milliseconds' | 'any' | readonly (number | string)[]

/** ioredis options that keep their meaning here, and what their values may be. */
const KEPT = {
  db: 'any',
  username: 'secret',
  password: 'secret',
  keyPrefix: 'text',
  connectionName: 'text',
  scripts: 'any',
  commandTimeout: 'milliseconds',
  blockingTimeout: 'milliseconds',
  blockingTimeoutGrace: 'milliseconds',
  socketTimeout: 'milliseconds',
  keepAlive: 'milliseconds',
  noDelay: 'flag',
  disableClientInfo: 'flag',
  clientInfoTag: 'text',
  autoResubscribe: 'flag',
  maxRetriesPerRequest: 'any',
  enableReadyCheck: 'flag',
  enableOfflineQueue: 'flag',
  lazyConnect: 'flag',
  connectTimeout: 'milliseconds',
  family: [0, 4, 6],
  stringNumbers: 'flag',
  protocol: [2, 3],
  replyMapping: ['legacy', 'resp3'],
  enableAutoPipelining: 'flag',
  autoPipeliningIgnoredCommands: 'any',
  monitor: 'flag',
  showFriendlyErrorStack: 'flag',
  retryStrategy: 'any',
  autoResendUnfulfilledCommands: 'any',
  reconnectOnError: 'any',
  disconnectTimeout: 'any',
  maxLoadingRetryTime: 'any'
} as const satisfies Partial<Record<keyof RedisOptions, Form>>

export type KeptRedisOption = keyof typeof KEPT

export const KEPT_NAMES = Object.keys(KEPT) as readonly KeptRedisOption[]

/** Taken, so that shared ioredis option objects work, and without effect: this client has one owner of retries, and it is not them. */
export const WITHOUT_EFFECT: readonly KeptRedisOption[] = [
  'retryStrategy',
  'autoResendUnfulfilledCommands',
  'reconnectOnError',
  'disconnectTimeout',
  'maxLoadingRetryTime',
  'maxRetriesPerRequest',
  'enableReadyCheck'
]

/** Of these, what ioredis must not see. */
const OWN_BUSINESS: readonly KeptRedisOption[] = ['retryStrategy', 'autoResendUnfulfilledCommands', 'reconnectOnError']

/** ioredis options that mean nothing here, and what to write instead. */
export const COUNTERPARTS: Readonly<Record<string, string>> = {
  host: 'give the sentinels: sentinels: ["host:26379"], name: "…"',
  port: 'give the sentinels: sentinels: ["host:26379"], name: "…"',
  path: 'sentinels are reached over TCP: sentinels: ["host:26379"]',
  role: 'use readFrom: "replica" for reads; writes always go to the primary',
  preferredSlaves: 'use readFrom with a function (topology, command) => candidates',
  natMap: 'use addressMap: { "announced:port": "reachable:port" } or a function',
  sentinelTLS: 'use sentinelTls',
  enableTLSForSentinelMode: 'use tls for nodes and sentinelTls for sentinels',
  failoverDetector: 'all sentinels are always subscribed; leave it out',
  updateSentinels: 'sentinels are always discovered, and seeds never dropped; leave it out',
  sentinelMaxConnections: 'each sentinel has one connection a process; leave it out',
  sentinelRetryStrategy: 'sentinels are retried for ever with capped backoff; leave it out',
  sentinelReconnectStrategy: 'sentinels are retried for ever with capped backoff; leave it out',
  sentinelCommandTimeout: 'use sentinelTimeoutMs',
  readOnly: 'use readFrom',
  himportFieldsets: 'it prepares and sends again by itself, beside us; send HIMPORT PREPARE and DISCARD as commands',
  Connector: 'the connector is what this library brings; leave it out'
}

/** User, password and TLS are not among them: connections come to ioredis greeted. */
export function redisOptions(given: Given): RedisOptions {
  const named = KEPT_NAMES.filter((name) => !OWN_BUSINESS.includes(name) && isGiven(name, given[name]))
  for (const name of named) checkForm(name, given[name], KEPT[name])
  const kept = Object.fromEntries(
    named.filter((name) => KEPT[name] !== 'secret').map((name) => [name, given[name]])
  ) as RedisOptions
  const { db } = kept as { db?: unknown }
  const index = typeof db === 'string' && /^\d+$/.test(db) ? Number(db) : db
  if (index !== undefined && (typeof index !== 'number' || !Number.isInteger(index) || index < 0)) {
    throw new ConfigurationError(`option "db" is ${show(db)}; allowed is a whole number from 0`)
  }
  if (kept.replyMapping === 'resp3' && kept.protocol === 2) {
    throw new ConfigurationError(
      'option "protocol" is 2: the "resp3" replyMapping is only supported with protocol 3, which is the default'
    )
  }
  return { ...kept, ...(index === undefined ? {} : { db: index }) }
}

/** ioredis's own defaults say null for what is absent, and mean something else by it in one place. */
function isGiven(name: KeptRedisOption, value: unknown): boolean {
  return value !== undefined && (value !== null || name === 'maxRetriesPerRequest')
}

function checkForm(name: string, value: unknown, form: Form): void {
  if (form === 'any') return
  const o = { [name]: value }
  if (form === 'secret') textOption(o, name)
  else if (form === 'milliseconds') duration(o, name)
  else if (form === 'text' && typeof value !== 'string')
    throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed is a string`)
  else if (form === 'flag' && typeof value !== 'boolean')
    throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed: true, false`)
  else if (typeof form !== 'string' && !form.some((allowed) => allowed === value))
    throw new ConfigurationError(
      `option "${name}" is ${show(value)}; allowed: ${form.join(', ')}${typeof value === 'string' ? suggestion(value, form.map(String)) : ''}`
    )
}
