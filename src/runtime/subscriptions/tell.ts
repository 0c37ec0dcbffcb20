import type { AnyRedis } from '../any-redis.js'
import type { SubscriptionKind } from '../../routing/subscriptions.js'
import type { Heard } from './feed.js'

const EVENTS: Readonly<Record<SubscriptionKind, string>> = {
  subscribe: 'message',
  psubscribe: 'pmessage',
  ssubscribe: 'smessage'
}

/** Emits what was heard elsewhere as ioredis does what it hears itself (`built/DataHandler.js`): as text, and as it came. */
export function tell(client: AnyRedis, { kind, parts }: Heard): void {
  const event = EVENTS[kind]
  try {
    if (client.listenerCount(event) > 0) client.emit(event, ...parts.map(String))
    client.emit(`${event}Buffer`, ...parts)
  } catch (error) {
    // A listener's own error must not keep the next message from being told.
    process.nextTick(() => {
      throw error
    })
  }
}
