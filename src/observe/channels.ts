import { channel, type Channel } from 'node:diagnostics_channel'
import type { SentinelRedisEvents } from '../events.js'

/** What subscribers of `ioredis-sentinel:<event>` (node:diagnostics_channel) are given. */
export interface ChannelMessage {
  /** The client that emits the event. */
  readonly client: object
  /** The name the sentinels know its group by. */
  readonly group: string
  /** What listeners of the event are given. */
  readonly event: unknown
}

const channels = new Map<string, Channel>()

/** Tells whoever subscribed to it; it costs a look-up where nobody has. */
export function publish(name: keyof SentinelRedisEvents, message: () => ChannelMessage): void {
  let found = channels.get(name)
  if (found === undefined) channels.set(name, (found = channel(`ioredis-sentinel:${name}`)))
  if (found.hasSubscribers) found.publish(message())
}
