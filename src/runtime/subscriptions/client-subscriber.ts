import type { Logger } from 'pino'
import type { AnyRedis } from '../any-redis.js'
import type { SubscriptionGap } from '../../events.js'
import type { ResolvedOptions } from '../../options.js'
import type { Address } from '../../protocol/address.js'
import { formatAddress } from '../../protocol/address.js'
import { parseReplicationInfo } from '../../protocol/parse-info.js'
import type { Topology } from '../../topology/topology.js'
import type { Dispatcher } from '../dispatcher.js'
import type { NodeSettings } from '../open-node.js'
import type { OpenError } from '../open-socket.js'
import { SideConnection } from '../side-connection.js'
import { Feed } from './feed.js'
import { isForbidden } from './marks.js'
import { Subscriber } from './subscriber.js'

/** What the subscriptions of one client need of it. */
export interface SubscribingClient {
  readonly node: NodeSettings
  readonly log: Logger
  topology(): Topology
  downAfterMs(): number
  hopelessAfterMs(): number
  isNear(address: Address): boolean
  onRole(address: Address, role: 'primary' | 'replica'): void
  onGap(gap: SubscriptionGap): void
  onTrouble(error: OpenError): void
}

const PUBLISH_TAKES_MS = 1_000

/** The subscriptions of a client whose subscribeTo is not `primary`. */
export function clientSubscriber(
  options: ResolvedOptions,
  redis: AnyRedis,
  dispatcher: Dispatcher,
  client: SubscribingClient
): Subscriber {
  const { log, node } = client
  return new Subscriber(options.subscribeTo, dispatcher.subscriptionsWaiting, {
    client: redis,
    topology: () => client.topology(),
    isNear: (address) => client.isNear(address),
    open: (at, signal) =>
      Feed.open(
        at,
        {
          redis: options.redis,
          node,
          reach: ({ address, role }) => options.routeTo(address, role),
          suspectAfterMs: options.suspectAfterMs,
          hopelessAfterMs: () => client.hopelessAfterMs(),
          downAfterMs: () => client.downAfterMs(),
          onRole: (address, role) => {
            client.onRole(address, role)
          }
        },
        signal
      ),
    publishBeside: async (channel, token) => {
      const address = client.topology().primary?.address
      if (address === undefined) return 'failed'
      let side: SideConnection | undefined
      try {
        const signal = AbortSignal.timeout(PUBLISH_TAKES_MS)
        side = await SideConnection.open(options.routeTo(address, 'primary'), node, signal)
        if (side.role !== 'primary') return 'failed'
        const opened = side
        signal.addEventListener('abort', () => {
          opened.close()
        })
        const [answer] = await side.ask(['SPUBLISH', channel, token])
        if (!(answer instanceof Error)) return 'taken'
        return isForbidden(answer) ? 'refused' : 'failed'
      } catch {
        return 'failed'
      } finally {
        side?.close()
      }
    },
    publishBehind: (channel, token) => dispatcher.ask('spublish', channel, token),
    history: async () => {
      const answer = await dispatcher.ask('info', 'replication')?.catch(() => undefined)
      return answer === undefined ? undefined : parseReplicationInfo(answer)?.history
    },
    restores: () => redis.options.autoResubscribe !== false,
    downAfterMs: () => client.downAfterMs(),
    maxLagMs: options.maxLagMs,
    mostKept: options.maxQueuedCommands,
    onGap: (gap) => {
      client.onGap(gap)
    },
    onTrouble: (error) => {
      client.onTrouble(error)
    },
    onMoved: (to) => {
      log.debug({ address: formatAddress(to.address), role: to.role }, 'subscriptions are made here')
    },
    onForbidden: (error) => {
      log.warn(
        { answer: error.message, channel: 'ioredis-sentinel:subscriber:*' },
        'whether a replica hears its primary is not looked at: this needs +spublish, +ssubscribe and the channel'
      )
    }
  })
}
