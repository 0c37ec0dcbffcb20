import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import type { SocketSource } from './ioredis-internals.js'
import { connectorFor, loseAtFatalError } from './ioredis-internals.js'

/** An ioredis instance beside the client's own, with its options, that leaves to this library what becomes of its calls and of its connection. */
export function redisBeside(
  options: RedisOptions,
  source: SocketSource,
  retryStrategy: NonNullable<RedisOptions['retryStrategy']>
): Redis {
  const all: RedisOptions = {
    ...options,
    Connector: connectorFor(source),
    lazyConnect: true,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableAutoPipelining: false,
    keyPrefix: '',
    monitor: false,
    maxRetriesPerRequest: null,
    retryStrategy
  }
  const redis = new Redis(all as RedisOptions & { replyMapping: 'legacy' })
  loseAtFatalError(redis)
  return redis
}
