import type { Address } from './address.js'
import { parsePort } from './address.js'
import type { SentinelChannel } from './channels.js'

/** The role a sentinel gives the instance an event is about. */
export type EventRole = 'primary' | 'replica' | 'sentinel'

/** What a sentinel published, without its wire form. */
export type SentinelEvent =
  /** `<type> <name> <ip> <port> [@ <group> <ip> <port>] [detail]`: about one instance. */
  | {
      readonly kind: 'instance'
      readonly channel: SentinelChannel
      readonly group: string
      readonly role: EventRole
      readonly address: Address
      /** The group's primary as this sentinel sees it; the instance itself when that is the primary. */
      readonly primary: Address
      readonly detail?: string
    }
  /** `+switch-master <name> <oldip> <oldport> <newip> <newport>`. */
  | {
      readonly kind: 'switch'
      readonly channel: '+switch-master'
      readonly group: string
      readonly from: Address
      readonly to: Address
    }
  /** `+new-epoch <epoch>`: names no group; a `+try-failover` that does comes right behind it. */
  | { readonly kind: 'epoch'; readonly channel: '+new-epoch'; readonly epoch: number }
  /** `+vote-for-leader <runid> <epoch>`: names no group. */
  | { readonly kind: 'vote'; readonly channel: '+vote-for-leader'; readonly leaderId: string; readonly epoch: number }
  /** `+tilt`, `-tilt`: about the sentinel itself. */
  | { readonly kind: 'tilt'; readonly channel: '+tilt' | '-tilt' }
  /** Not understood. It is still a hint that something happened. */
  | { readonly kind: 'unparsed'; readonly channel: SentinelChannel; readonly message: string }

const ROLES: ReadonlyMap<string, EventRole> = new Map([
  ['master', 'primary'],
  ['slave', 'replica'],
  ['sentinel', 'sentinel']
])

/** The group an event is about, or undefined when it names none. */
export function groupOf(event: SentinelEvent): string | undefined {
  return event.kind === 'instance' || event.kind === 'switch' ? event.group : undefined
}

/** The replica that its sentinel has just ordered to be the primary, if this event tells of that. */
export function orderedToBePrimary(event: SentinelEvent): Address | undefined {
  return event.kind === 'instance' && event.channel === '+failover-state-wait-promotion' ? event.address : undefined
}

/**
 * Reads one message. Formats: redis `src/sentinel.c`, sentinelEvent() ("%@" prints the instance, and its master behind `@`
 * unless it is the master itself) and the +switch-master calls. Never throws.
 */
export function parseEvent(channel: SentinelChannel, message: string): SentinelEvent {
  const words = message.split(' ')
  const unparsed: SentinelEvent = { kind: 'unparsed', channel, message }
  switch (channel) {
    case '+tilt':
    case '-tilt':
      return { kind: 'tilt', channel }
    case '+new-epoch': {
      const epoch = parseEpoch(words[0])
      return epoch === undefined ? unparsed : { kind: 'epoch', channel, epoch }
    }
    case '+vote-for-leader': {
      const epoch = parseEpoch(words[1])
      return words[0] === undefined || epoch === undefined
        ? unparsed
        : { kind: 'vote', channel, leaderId: words[0], epoch }
    }
    case '+switch-master': {
      const from = addressOf(words[1], words[2])
      const to = addressOf(words[3], words[4])
      if (words[0] === undefined || from === undefined || to === undefined) return unparsed
      return { kind: 'switch', channel, group: words[0], from, to }
    }
    default:
      return parseInstance(channel, words) ?? unparsed
  }
}

function parseInstance(channel: SentinelChannel, words: readonly string[]): SentinelEvent | undefined {
  const [type, name, host, port, at, group, primaryHost, primaryPort] = words
  const role = type === undefined ? undefined : ROLES.get(type)
  const address = addressOf(host, port)
  if (role === undefined || name === undefined || address === undefined) return undefined
  if (at !== '@') {
    if (role !== 'primary') return undefined
    return withDetail({ kind: 'instance', channel, group: name, role, address, primary: address }, words.slice(4))
  }
  const primary = addressOf(primaryHost, primaryPort)
  if (group === undefined || primary === undefined) return undefined
  return withDetail({ kind: 'instance', channel, group, role, address, primary }, words.slice(8))
}

function withDetail(event: SentinelEvent & { kind: 'instance' }, rest: readonly string[]): SentinelEvent {
  return rest.length === 0 ? event : { ...event, detail: rest.join(' ') }
}

function addressOf(host: string | undefined, port: string | undefined): Address | undefined {
  const number = parsePort(port)
  return host === undefined || host === '' || number === undefined ? undefined : { host, port: number }
}

function parseEpoch(text: string | undefined): number | undefined {
  const epoch = text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
  return Number.isSafeInteger(epoch) ? epoch : undefined
}
