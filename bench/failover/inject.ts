import { SentinelRedis } from 'ioredis-sentinel'
import { injectFault, type LocalTopology } from 'ioredis-sentinel/testkit'
import type { Trouble } from './catalogue.js'

export interface Injected {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly heal: () => Promise<void>
  /** How long a promotion may take to come of it, where one must. */
  readonly promotesWithinMs: number
  /** Why nothing will come of it, once that is known. */
  readonly refusal: () => Error | undefined
}

/** An election that fails, mostly by a split vote, is made again after twice failover-timeout: 20 s. */
const ELECTION_LIMIT_MS = 8_000
/** It waits for the moment, up to 11 s at its defaults, before it stops the writes. */
const COORDINATED_LIMIT_MS = 30_000

/** What a trouble needs ready before it can be made; `inject` makes it. */
export interface Injection {
  readonly inject: () => Promise<Injected>
  readonly close: () => Promise<void>
}

export async function prepare(topology: LocalTopology, trouble: Trouble): Promise<Injection> {
  if (trouble !== 'coordinated') {
    const inject = async (): Promise<Injected> => {
      const { at, heal } = await injectFault(topology, trouble)
      return { at, heal, promotesWithinMs: ELECTION_LIMIT_MS, refusal: () => undefined }
    }
    return { inject, close: () => Promise.resolve() }
  }
  const operator = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await operator.ping()
  return {
    // It ends only when the old primary follows the new one, which is for the heal to wait for.
    inject: () => {
      const at = Date.now()
      const ended = operator.failover({ mode: 'coordinated', timeoutMs: COORDINATED_LIMIT_MS })
      let refusal: Error | undefined
      ended.catch((error: unknown) => {
        refusal = error as Error
      })
      const heal = (): Promise<void> => ended.then(() => undefined)
      return Promise.resolve({ at, heal, promotesWithinMs: COORDINATED_LIMIT_MS, refusal: () => refusal })
    },
    close: () => operator.close()
  }
}
