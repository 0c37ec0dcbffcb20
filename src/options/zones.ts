import { ConfigurationError } from '../errors.js'
import type { Address } from '../protocol/address.js'
import { formatAddress, parseAddress } from '../protocol/address.js'
import type { Given } from './values.js'
import { show } from './values.js'

/** Where the nodes are, and where this client is. */
export interface Zones {
  readonly own: string
  /** The zone of a node that was announced with this address; undefined when nobody said. Undefined itself: the nodes say. */
  readonly of: ((address: Address) => string | undefined) | undefined
}

/** Undefined when no zone was given: then no node is nearer than another. */
export function zonesOption(o: Given): Zones | undefined {
  const { zone, zones } = o
  if (zone === undefined || zone === null) {
    if (zones === undefined || zones === null) return undefined
    throw new ConfigurationError(
      'option "zones" says where the nodes are, and option "zone", where this client is, is missing; give both'
    )
  }
  if (!isZone(zone))
    throw new ConfigurationError(
      `option "zone" is ${show(zone)}; allowed is a string that is not empty, for example "eu-1a"`
    )
  return { own: zone, of: zones === undefined || zones === null ? undefined : zoneLookup(zones) }
}

function zoneLookup(zones: unknown): (address: Address) => string | undefined {
  if (typeof zones === 'function') {
    return (address) => {
      try {
        const zone: unknown = (zones as (address: Address) => unknown)(address)
        return isZone(zone) ? zone : undefined
      } catch {
        // It does not know.
        return undefined
      }
    }
  }
  if (typeof zones !== 'object' || Array.isArray(zones))
    throw new ConfigurationError(
      `option "zones" is ${show(zones)}; allowed is an object such as { "10.0.0.1:6379": "eu-1a" }, or a function (address) => zone`
    )
  const table = new Map<string, string>()
  for (const [node, zone] of Object.entries(zones as object)) {
    const parsed = parseAddress(node, 0)
    if (!parsed.ok || parsed.address.port === 0)
      throw new ConfigurationError(
        `option "zones" has the node "${node}"${parsed.ok ? ', without a port' : `: ${parsed.reason}`}; allowed is "host:port" as the sentinels announce it`
      )
    if (!isZone(zone))
      throw new ConfigurationError(`option "zones["${node}"]" is ${show(zone)}; allowed is a string that is not empty`)
    table.set(formatAddress(parsed.address), zone)
  }
  return (address) => table.get(formatAddress(address))
}

function isZone(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
