import type { EventEmitter } from 'node:events'
import type { AnyRedis } from './any-redis.js'
import type { ClientCore } from './client-core.js'
import { connectionClosedError } from './ioredis-internals.js'

/**
 * Resolves when the client is ready. Rejects after `withinMs` with what keeps it from its primary, at once when all sentinels know no such
 * group, and when it is ended. `started`: ioredis's own promise, which rejects for nothing but misuse once the client connects.
 */
export async function untilReady(
  redis: AnyRedis,
  core: ClientCore,
  started: Promise<void>,
  withinMs: number
): Promise<void> {
  if (redis.status !== 'connecting') return started
  started.catch(() => undefined)
  const client: EventEmitter = redis
  await new Promise<void>((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer)
      client.off('ready', ready)
      client.off('end', ended)
      client.off('topology', check)
      outcome()
    }
    const ready = (): void => {
      settle(resolve)
    }
    const fail = (error: Error): void => {
      settle(() => {
        reject(error)
      })
    }
    const ended = (): void => {
      if (redis.status === 'end') fail(connectionClosedError())
    }
    const check = (): void => {
      core.knowsNoSuchGroup().then(
        (hopeless) => {
          if (hopeless) fail(core.whyNotReady())
        },
        () => undefined
      )
    }
    const timer = setTimeout(() => {
      fail(core.whyNotReady())
    }, withinMs)
    client.once('ready', ready)
    client.on('end', ended)
    client.on('topology', check)
    check()
  })
}
