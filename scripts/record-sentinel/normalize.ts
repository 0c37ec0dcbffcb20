import type { Address } from '../../src/protocol/address.js'

const RUN_ID = /\b[0-9a-f]{40}\b/g

/** Addresses as 127.0.1.N:6379 in the order of `members`, and run ids as id-1, id-2 …: two recordings differ by what happened. */
export function normalize(values: readonly unknown[], members: readonly Address[]): unknown[] {
  const hosts = new Map(members.map(({ host, port }, index) => [host, { host: `127.0.1.${index + 1}`, port }]))
  const ids = new Map<string, string>()
  const text = (given: string): string => {
    let known: string | undefined
    return given
      .split(/([ :])/)
      .map((word) => {
        const member = hosts.get(word)
        if (member !== undefined) {
          known = String(member.port)
          return member.host
        }
        return word === known ? '6379' : word
      })
      .join('')
      .replace(RUN_ID, (id) => {
        if (!ids.has(id)) ids.set(id, `id-${ids.size + 1}`)
        return ids.get(id) ?? id
      })
  }
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return withPorts(value, hosts).map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, walk(field)]))
  }
  return values.map(walk)
}

/** In `[…, 'ip', host, 'port', port, …]` and `[host, port]` the port is a string of its own. */
function withPorts(values: readonly unknown[], hosts: ReadonlyMap<string, { readonly port: number }>): unknown[] {
  let port: string | undefined
  return values.map((value) => {
    if (typeof value !== 'string') return value
    const member = hosts.get(value)
    if (member !== undefined) port = String(member.port)
    return value === port ? '6379' : value
  })
}
