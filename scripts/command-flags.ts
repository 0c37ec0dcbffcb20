import type { Redis } from 'ioredis'

/** Flags by `name` or `name|subcommand`, both sorted. */
export type CommandFlags = ReadonlyMap<string, ReadonlySet<string>>

const KEPT = ['admin', 'blocking', 'movablekeys', 'noscript', 'pubsub', 'readonly', 'write']
const PERMISSIVE = ['readonly', 'read-keys']

/** Asks a server for COMMAND, whose reply holds the subcommands and key specifications too (Redis ≥ 7.0, Valkey). */
export async function readCommandFlags(client: Redis): Promise<CommandFlags> {
  const table = new Map<string, ReadonlySet<string>>()
  for (const entry of list(await client.call('COMMAND'))) addEntry(table, list(entry))
  return table
}

// https://redis.io/docs/latest/commands/command: name, arity, flags, first, last, step, categories, tips, key
// specifications, subcommands.
function addEntry(table: Map<string, ReadonlySet<string>>, entry: readonly unknown[]): void {
  const own = new Set(list(entry[2]).map(String))
  const flags = new Set(KEPT.filter((flag) => own.has(flag)))
  if (list(entry[7]).includes('nondeterministic_output')) flags.add('random')
  for (const flag of keyFlags(list(entry[8]))) flags.add(flag)
  table.set(String(entry[0]).toLowerCase(), flags)
  for (const sub of list(entry[9])) addEntry(table, list(sub))
}

function keyFlags(specs: readonly unknown[]): Set<string> {
  const flags = new Set<string>()
  for (const spec of specs.map(record)) {
    const own = list(spec['flags']).map(String)
    // A channel: it has a slot, but it is no key.
    if (own.includes('not_key')) continue
    flags.add(own.includes('RO') ? 'read-keys' : 'write-keys')
    const search = record(spec['begin_search'])
    if (own.includes('incomplete') || search['type'] === 'unknown') flags.add('undeclared-keys')
  }
  if (flags.has('write-keys')) flags.delete('read-keys')
  return flags
}

/** A flag that permits holds only when every server that knows the command gives it; one that forbids, when any does. */
export function union(tables: readonly CommandFlags[]): CommandFlags {
  const names = new Set(tables.flatMap((table) => [...table.keys()]))
  return new Map(
    [...names].sort().map((name) => {
      const known = tables.flatMap((table) => table.get(name) ?? [])
      const flags = [...new Set(known.flatMap((one) => [...one]))].filter(
        (flag) => !PERMISSIVE.includes(flag) || known.every((one) => one.has(flag))
      )
      return [name, new Set(flags.sort())]
    })
  )
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[]
  return value instanceof Set ? [...(value as Set<unknown>)] : []
}

/** A RESP map as ioredis may give it: an object, a Map, or names and values in turn. */
function record(value: unknown): Readonly<Record<string, unknown>> {
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>)
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? { ...value } : {}
  const flat = value as unknown[]
  return Object.fromEntries(flat.flatMap((key, at) => (at % 2 === 0 ? [[String(key), flat[at + 1]]] : [])))
}
