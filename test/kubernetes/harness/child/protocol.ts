import type { DnsMode, DnsRecord, DnsTimes } from '../dns/records.js'

/** What the process inside the cluster's namespace does for the harness outside it. */
export interface Errands {
  /** The records of the cluster from now on. */
  readonly setRecords: (records: readonly DnsRecord[]) => void
  readonly setDnsMode: (mode: DnsMode) => void
  /** For what is asked from now on; what is kept stays so for the time it was kept for. */
  readonly setDnsTimes: (times: DnsTimes) => void
  /** How many queries were asked for each name since the start, as `name type`. */
  readonly dnsQueries: () => Readonly<Record<string, number>>
  /** Commands on one connection of their own. A reply that is an error rejects. */
  readonly ask: (target: AskTarget, commands: readonly (readonly string[])[], timeoutMs: number) => Promise<unknown[]>
  /** The SHA-256 of the certificate that a server shows. */
  readonly certificateOf: (host: string, port: number) => Promise<string>
  /** Resolves when the connection was taken. */
  readonly connect: (host: string, port: number, timeoutMs: number) => Promise<void>
  /** Resolves with the status. */
  readonly httpGet: (url: string, timeoutMs: number) => Promise<number>
}

export interface AskTarget {
  readonly host: string
  readonly port: number
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string } | undefined
}

export interface Request {
  readonly id: number
  readonly errand: keyof Errands
  readonly args: readonly unknown[]
}

export type Reply =
  | { readonly ready: true }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
