import type { Clock, Validity } from './examination.js'

export type Fields = ReadonlyMap<string, string>

/** The lines of INFO. */
export function infoFields(text: string): Fields {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : []
    })
  )
}

/** A flat list of names and values, as CONFIG GET and SENTINEL answer. */
export function pairFields(reply: unknown): Fields {
  const flat = Array.isArray(reply) ? reply.map(String) : []
  return new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : [])))
}

export function numberIn(fields: Fields, name: string): number {
  return Number(fields.get(name) ?? 0)
}

/** Where the server's clock stood (`server_time_usec`, Redis 6.2) between two moments of this machine's. */
export function readClock(info: Fields, askedAt: number, answeredAt: number): Clock | undefined {
  const told = Number(info.get('server_time_usec') ?? Number.NaN) / 1000
  if (!Number.isFinite(told)) return undefined
  return { aheadMs: told - (askedAt + answeredAt) / 2, giveOrTakeMs: (answeredAt - askedAt) / 2 }
}

/** How long a certificate, as Node tells of it, is valid at that moment; undefined where it has no dates. */
export function readValidity(
  certificate: { readonly valid_from?: string | undefined; readonly valid_to?: string | undefined } | null,
  now: number
): Validity | undefined {
  const [from, to] = [Date.parse(certificate?.valid_from ?? ''), Date.parse(certificate?.valid_to ?? '')]
  return Number.isFinite(to - from) ? { leftMs: to - now, lifetimeMs: to - from } : undefined
}
