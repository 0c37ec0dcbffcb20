import { SentinelRedis } from 'ioredis-sentinel'
import { injectFault, type LocalTopology } from 'ioredis-sentinel/testkit'
import type { Trouble } from './catalogue.js'

export interface Injected {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly heal: () => Promise<void>
}

const COORDINATED_LIMIT_MS = 10_000

/** What a trouble needs ready before it can be made; `inject` makes it. */
export interface Injection {
  readonly inject: () => Promise<Injected>
  readonly close: () => Promise<void>
}

export async function prepare(topology: LocalTopology, trouble: Trouble): Promise<Injection> {
  if (trouble !== 'coordinated') {
    return { inject: () => injectFault(topology, trouble), close: () => Promise.resolve() }
  }
  const operator = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await operator.ping()
  return {
    // It ends only when the old primary follows the new one, which is for the heal to wait for.
    inject: () => {
      const at = Date.now()
      const ended = operator.failover({ mode: 'coordinated', timeoutMs: COORDINATED_LIMIT_MS })
      ended.catch(() => undefined)
      return Promise.resolve({ at, heal: () => ended.then(() => undefined) })
    },
    close: () => operator.close()
  }
}
