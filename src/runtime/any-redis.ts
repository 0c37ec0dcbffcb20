import type { Redis } from 'ioredis'
import type { EventEmitter } from 'node:events'

/** What a client of ioredis has beside its commands, which is the same whatever the form of replies (`replyMapping`). */
export type AnyRedis = EventEmitter &
  Pick<
    Redis,
    | 'options'
    | 'status'
    | 'stream'
    | 'condition'
    | 'commandQueue'
    | 'mode'
    | 'autoPipelineQueueSize'
    | 'connect'
    | 'disconnect'
    | 'sendCommand'
    | 'recoverFromFatalError'
    | 'handleReconnection'
    | 'silentEmit'
  >
