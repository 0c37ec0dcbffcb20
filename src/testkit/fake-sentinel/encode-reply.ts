/** A reply as a server means it, before it is known whether the client speaks RESP2 or RESP3. */
export type FakeReply =
  | string
  | number
  | null
  | readonly FakeReply[]
  | { readonly status: string }
  | { readonly error: string }
  /** A map in RESP3, a flat array in RESP2. */
  | { readonly map: Readonly<Record<string, FakeReply>> }
  /** A push in RESP3, an array in RESP2. */
  | { readonly push: readonly FakeReply[] }

export type Protocol = 2 | 3

export function encodeReply(reply: FakeReply, protocol: Protocol): string {
  if (reply === null) return protocol === 3 ? '_\r\n' : '*-1\r\n'
  if (typeof reply === 'number') return `:${reply}\r\n`
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`
  if (isList(reply)) return encodeList('*', reply.length, reply, protocol)
  if ('status' in reply) return `+${reply.status}\r\n`
  if ('error' in reply) return `-${reply.error}\r\n`
  if ('push' in reply) return encodeList(protocol === 3 ? '>' : '*', reply.push.length, reply.push, protocol)
  const entries = Object.entries(reply.map)
  const flat = entries.flat()
  return protocol === 3 ? encodeList('%', entries.length, flat, protocol) : encodeList('*', flat.length, flat, protocol)
}

function isList(reply: FakeReply): reply is readonly FakeReply[] {
  return Array.isArray(reply)
}

function encodeList(mark: string, length: number, items: readonly FakeReply[], protocol: Protocol): string {
  return `${mark}${length}\r\n${items.map((item) => encodeReply(item, protocol)).join('')}`
}
