import type { Redis } from 'ioredis'
import type { EventEmitter } from 'node:events'

/** What a client of ioredis has beside its commands, which is the same whatever the form of replies (`replyMapping`). */
export type AnyRedis = EventEmitter &
  Pick<Redis, 'options' | 'status' | 'connect' | 'disconnect' | 'sendCommand' | 'stream'>
