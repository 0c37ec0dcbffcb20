import { ConfigurationError } from '../errors.js'
import type { Address, Route } from '../protocol/address.js'
import { DEFAULT_SENTINEL_PORT, formatAddress, parseAddress, parsePort } from '../protocol/address.js'
import { show } from './values.js'

/** The way from here to an announced address. */
export type RouteTo = (announced: Address, kind: 'sentinel' | 'primary' | 'replica') => Route

export function seeds(value: unknown): readonly Address[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ConfigurationError(
      `option "sentinels" is ${show(value)}; give at least one, for example ["10.0.0.1:26379"]`
    )
  }
  const found = new Map<string, Address>()
  value.forEach((seed: unknown, index) => {
    const address = seedAddress(seed, `sentinels[${index}]`)
    found.set(formatAddress(address), address)
  })
  return [...found.values()]
}

function seedAddress(seed: unknown, where: string): Address {
  if (typeof seed === 'string') {
    if (seed.includes('@'))
      throw new ConfigurationError(
        `option "${where}" has an "@"; an address is "host:port", and the sentinels' user and password are the options "sentinelUsername" and "sentinelPassword"`
      )
    const parsed = parseAddress(seed, DEFAULT_SENTINEL_PORT)
    if (parsed.ok) return parsed.address
    throw new ConfigurationError(`option "${where}": ${parsed.reason}`)
  }
  const { host, port = DEFAULT_SENTINEL_PORT } = (seed ?? {}) as { host?: unknown; port?: unknown }
  const number = parsePort(port)
  if (typeof host !== 'string' || !/^[^\s@[\]]+$/.test(host)) {
    throw new ConfigurationError(
      `option "${where}" is ${show(seed)}, its host ${show(host)}; an address is "host:port" or { host, port }, with a host name or an IP address without brackets`
    )
  }
  if (number === undefined)
    throw new ConfigurationError(`option "${where}.port" is ${show(port)}; a port is a whole number from 1 to 65535`)
  return { host, port: number }
}

export function routesBy(map: unknown): RouteTo {
  const reach = addressMapper(map)
  return (announced, kind) => ({ announced, reached: reach(announced, kind) })
}

type MapAddress = (address: Address, kind: 'sentinel' | 'primary' | 'replica') => Address

function addressMapper(map: unknown): MapAddress {
  if (map === undefined) return (address) => address
  if (typeof map === 'function') {
    return (address, kind) => (map as (address: Address, kind: string) => Address | undefined)(address, kind) ?? address
  }
  if (typeof map !== 'object' || map === null)
    throw new ConfigurationError(`option "addressMap" is ${show(map)}; allowed is an object or a function`)
  const table = new Map<string, Address>()
  for (const [announced, reached] of Object.entries(map)) {
    table.set(
      formatAddress(mappedAddress(announced, 'addressMap')),
      mappedAddress(reached, `addressMap["${announced}"]`)
    )
  }
  return (address) => table.get(formatAddress(address)) ?? address
}

/** Nodes and sentinels are both mapped: no port goes without saying. */
function mappedAddress(value: unknown, where: string): Address {
  const bare =
    typeof value === 'string'
      ? /^(?:\[[^\]]*\]|[^:]*)$/.test(value)
      : (value as Partial<Address> | null)?.port === undefined
  if (bare) throw new ConfigurationError(`option "${where}" has ${show(value)}, without a port; allowed is "host:port"`)
  return seedAddress(value, where)
}
