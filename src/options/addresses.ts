import { ConfigurationError } from '../errors.js'
import { suggestion } from '../nearest.js'
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
    const where = `sentinels[${index}]`
    const address = addressIn(seed, where)
    checkNothingElse(seed, where)
    found.set(formatAddress(address), address)
  })
  return [...found.values()]
}

function addressIn(seed: unknown, where: string): Address {
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

/** What a seed has beside its address would be without effect. */
function checkNothingElse(seed: unknown, where: string): void {
  if (typeof seed === 'string') return
  const [other] =
    Object.entries(seed as object).find(
      ([name, value]) => name !== 'host' && name !== 'port' && value !== undefined && value !== null
    ) ?? []
  if (other !== undefined)
    throw new ConfigurationError(
      `option "${where}" has "${other}"; allowed are host and port${other === 'family' ? ': "family" is an option of the client, for all connections' : ''}`
    )
}

export interface Routing {
  /** Throws ConfigurationError when the user's function does, or gives what is no address. */
  readonly to: RouteTo
  /** The announced addresses that an object names; none for a function. */
  readonly entries: readonly string[]
}

const ROLES = ['sentinel', 'primary', 'replica'] as const
const ALLOWED =
  'an object { "announced:port": "reachable:port" }, one for each role as { sentinel: {…}, primary: {…}, replica: {…} }, or a function (address, kind) => address'

export function routing(map: unknown): Routing {
  const { map: reach, entries } = addressMapping(map)
  return { to: (announced, kind) => ({ announced, reached: reach(announced, kind) }), entries }
}

type MapAddress = (address: Address, kind: 'sentinel' | 'primary' | 'replica') => Address

function addressMapping(map: unknown): { readonly map: MapAddress; readonly entries: readonly string[] } {
  if (map === undefined) return { map: (address) => address, entries: [] }
  if (typeof map === 'function') return { map: byFunction(map as AskedMap), entries: [] }
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new ConfigurationError(`option "addressMap" is ${show(map)}; allowed is ${ALLOWED}`)
  const byRole = Object.keys(map).some((key) => isRole(key))
  if (!byRole) {
    const table = tableOf(map, 'addressMap')
    return { map: (address) => table.get(formatAddress(address)) ?? address, entries: [...table.keys()] }
  }
  const tables = new Map<string, ReadonlyMap<string, Address>>()
  for (const [role, entries] of Object.entries(map)) {
    if (!isRole(role))
      throw new ConfigurationError(
        `option "addressMap" has the role "${role}" beside ${Object.keys(map).filter(isRole).join(', ')}; allowed: ${ROLES.join(', ')}${suggestion(role, ROLES)}`
      )
    if (entries === undefined) continue
    if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
      throw new ConfigurationError(
        `option "addressMap.${role}" is ${show(entries)}; allowed is an object { "announced:port": "reachable:port" }`
      )
    tables.set(role, tableOf(entries as object, `addressMap.${role}`))
  }
  return {
    map: (address, kind) => tables.get(kind)?.get(formatAddress(address)) ?? address,
    entries: [...new Set([...tables.values()].flatMap((table) => [...table.keys()]))]
  }
}

type AskedMap = (address: Address, kind: string) => unknown

function byFunction(ask: AskedMap): MapAddress {
  return (address, kind) => {
    const where = `addressMap({ host: "${address.host}", port: ${address.port} }, "${kind}")`
    let given: unknown
    try {
      given = ask({ ...address }, kind)
    } catch (error) {
      throw new ConfigurationError(`${where} threw: ${error instanceof Error ? error.message : show(error)}`, {
        cause: error
      })
    }
    if (given === undefined || given === null) return address
    if (typeof (given as { then?: unknown }).then === 'function')
      throw new ConfigurationError(`${where} gave a promise; it is asked at once, so it cannot be async`)
    try {
      return mappedAddress(given, 'addressMap')
    } catch (error) {
      throw new ConfigurationError(
        `${where} gave ${show(given)}; allowed is { host, port }, "host:port", or undefined for the address as it is`,
        { cause: error }
      )
    }
  }
}

function isRole(key: string): boolean {
  return ROLES.some((role) => role === key)
}

function tableOf(entries: object, where: string): Map<string, Address> {
  const table = new Map<string, Address>()
  for (const [announced, reached] of Object.entries(entries)) {
    table.set(formatAddress(mappedAddress(announced, where)), mappedAddress(reached, `${where}["${announced}"]`))
  }
  return table
}

/** Nodes and sentinels are both mapped: no port goes without saying. */
function mappedAddress(value: unknown, where: string): Address {
  const bare =
    typeof value === 'string'
      ? /^(?:\[[^\]]*\]|[^:]*)$/.test(value)
      : (value as Partial<Address> | null)?.port === undefined
  if (bare) throw new ConfigurationError(`option "${where}" has ${show(value)}, without a port; allowed is "host:port"`)
  return addressIn(value, where)
}
