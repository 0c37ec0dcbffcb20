import type { Logger } from 'pino'
import type { ResolvedOptions } from '../options.js'
import { formatAddress } from '../protocol/address.js'
import { accessOf } from './access.js'
import type { NodeSettings } from './open-node.js'
import { SentinelHub } from './sentinel-hub.js'
import { Watch } from './watch.js'

/** A promotion that no sentinel confirms within this is doubted: the leader's next INFO is due within about a second. */
const CONFIRM_WITHIN_MS = 5_000

class Shared<Value> {
  readonly #entries = new Map<string, { readonly value: Value; users: number }>()

  acquire(key: string, make: () => Value): Value {
    const entry = this.#entries.get(key) ?? { value: make(), users: 0 }
    entry.users += 1
    this.#entries.set(key, entry)
    return entry.value
  }

  release(key: string, dispose: (value: Value) => void): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || --entry.users > 0) return
    this.#entries.delete(key)
    dispose(entry.value)
  }
}

/** Shared by all clients of the process (of this copy of the package): one hub a set of sentinels, one watch a group. */
const hubs = new Shared<SentinelHub>()
const watches = new Shared<Watched>()

interface Watched {
  readonly watch: Watch
  /** By which it enters the nodes: those of the client that was the first to need it. */
  readonly credentials: ResolvedOptions['node']['credentials']
}

export interface Lease extends Watched {
  /** Another lease of the same watch, whatever has become of the options meanwhile. */
  again(): Lease
  release(): void
}

/** The watch for these options, made when nobody in the process has it yet. Released once by each who leased it. */
export function leaseWatch(options: ResolvedOptions, node: NodeSettings, log: Logger): Lease {
  const hubKey = JSON.stringify([
    options.sentinels.map(formatAddress).sort(),
    identityOf(options.sentinel.credentials),
    identityOf(options.sentinel.tls),
    options.redis.family,
    options.pollIntervalMs,
    options.sentinelTimeoutMs,
    identityOf(options.given.addressMap)
  ])
  const watchKey = JSON.stringify([
    hubKey,
    options.name,
    options.promotion,
    identityOf(options.node.credentials),
    identityOf(options.node.tls),
    node.protocol,
    node.noDelay,
    node.connectTimeoutMs
  ])
  return leased(watchKey, hubKey, () => {
    const hub = hubs.acquire(
      hubKey,
      () =>
        new SentinelHub({
          seeds: options.sentinels,
          access: accessOf(options.sentinel),
          timeoutMs: options.sentinelTimeoutMs,
          family: options.redis.family,
          pollIntervalMs: options.pollIntervalMs,
          routeTo: (announced) => options.routeTo(announced, 'sentinel')
        })
    )
    const policy = { promotion: options.promotion, confirmWithinMs: CONFIRM_WITHIN_MS }
    const watch = new Watch(hub, { group: options.name, policy, node, routeTo: options.routeTo }, log)
    return { watch, credentials: options.node.credentials }
  })
}

function leased(watchKey: string, hubKey: string, make: () => Watched): Lease {
  const watched = watches.acquire(watchKey, make)
  let released = false
  return {
    ...watched,
    again: () => leased(watchKey, hubKey, () => watched),
    release: () => {
      if (released) return
      released = true
      watches.release(watchKey, ({ watch }) => {
        watch.close()
        hubs.release(hubKey, (hub) => {
          hub.close()
        })
      })
    }
  }
}

const identities = new WeakMap<object, number>()
let nextIdentity = 1

/** Objects with functions and buffers in them are the same only when they are the same object; plain data by its content. */
function identityOf(value: object | undefined): string | number | undefined {
  if (value === undefined) return undefined
  const isPlain = (field: unknown): boolean =>
    field === undefined || field === null || ['string', 'number', 'boolean'].includes(typeof field)
  if (typeof value !== 'function' && Object.values(value).every(isPlain)) {
    return JSON.stringify(value)
  }
  const known = identities.get(value) ?? nextIdentity++
  identities.set(value, known)
  return known
}
