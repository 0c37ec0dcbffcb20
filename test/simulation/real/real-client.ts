import { SentinelRedis } from '../../../src/sentinel-redis.js'
import type { SentinelRedisOptions } from '../../../src/options.js'
import { resolveOptions } from '../../../src/options.js'
import type { Lease } from '../../../src/runtime/registry.js'
import { accessOf } from '../../../src/runtime/access.js'
import { leaseWatch } from '../../../src/runtime/registry.js'
import { groupLogger } from '../../../src/observe/log.js'
import { formatAddress } from '../../../src/protocol/address.js'
import type { Knowledge } from '../knowledge.js'
import type { Operation } from '../ledger.js'
import type { SimClient } from '../workload.js'
import { outcomeOf, wordsOf } from '../workload.js'
import type { World } from '../world/world.js'

/** SentinelRedis itself, on the simulated network. */
export class RealClient implements SimClient {
  readonly #world: World
  readonly #knowledge: Knowledge
  readonly #options: SentinelRedisOptions
  #redis: SentinelRedis | undefined
  #lease: Lease | undefined
  readonly #views = new Map<number, SentinelRedis>()

  constructor(world: World, knowledge: Knowledge, options: Partial<SentinelRedisOptions>) {
    this.#world = world
    this.#knowledge = knowledge
    this.#options = {
      ...options,
      name: world.group,
      sentinels: world.sentinels.map(({ address }) => address)
    }
  }

  start(): void {
    const resolved = resolveOptions(this.#options)
    const redis = new SentinelRedis(this.#options)
    this.#redis = redis
    // The same watch as the client's: what goes into the reducer is seen here before it is folded in.
    const node = {
      access: accessOf(resolved.node),
      protocol: 3 as const,
      connectTimeoutMs: resolved.connectTimeoutMs,
      family: undefined,
      noDelay: true
    }
    this.#lease = leaseWatch(resolved, node, groupLogger(undefined, resolved.name))
    const { watch } = this.#lease
    watch.on('observation', (seen) => {
      this.#knowledge.observed(seen)
    })
    redis.on('topology', (topology) => {
      const { phase, primary, configEpoch } = topology
      this.#world.note(
        `client ${phase.kind}, primary ${primary === undefined ? 'none' : formatAddress(primary.address)} epoch ${configEpoch}${primary?.confirmed === false ? ' unconfirmed' : ''}`
      )
      this.#knowledge.follows(topology)
    })
  }

  write(operations: readonly Operation[], deadlineMs: number): void {
    const redis = this.#view(deadlineMs)
    const { ledger } = this.#world
    const [only] = operations
    if (operations.length === 1 && only !== undefined) {
      const [name, ...args] = wordsOf(only)
      redis.call(name, ...args).then(
        (reply) => {
          ledger.settle(only, 'acked', reply)
        },
        (error: unknown) => {
          ledger.settle(only, outcomeOf(error))
        }
      )
      return
    }
    const transaction = redis.multi()
    for (const operation of operations) {
      const [name, ...args] = wordsOf(operation)
      transaction.call(name, ...args)
    }
    transaction.exec().then(
      (results) => {
        operations.forEach((operation, index) => {
          const result = results?.[index]
          if (result === undefined) ledger.settle(operation, 'failed')
          else if (result[0] !== null) ledger.settle(operation, outcomeOf(result[0]))
          else ledger.settle(operation, 'acked', result[1])
        })
      },
      (error: unknown) => {
        for (const operation of operations) ledger.settle(operation, outcomeOf(error))
      }
    )
  }

  #view(deadlineMs: number): SentinelRedis {
    const known = this.#views.get(deadlineMs)
    if (known !== undefined) return known
    if (this.#redis === undefined) throw new Error('not started')
    const view = this.#redis.with({ deadlineMs })
    this.#views.set(deadlineMs, view)
    return view
  }

  /** It leaves nothing to the next one of this thread: clients with the same options share what they know of the group. */
  get ended(): boolean {
    return this.#redis === undefined || this.#redis.status === 'end'
  }

  close(): void {
    this.#lease?.release()
    this.#redis?.disconnect()
  }
}
