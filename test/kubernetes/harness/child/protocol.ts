import type { DnsMode, DnsRecord, DnsTimes } from '../dns/records.js'

/** What the process inside the cluster's namespace does for the harness outside it. */
export interface Errands {
  /** The records of the cluster from now on. */
  setRecords(records: readonly DnsRecord[]): void
  setDnsMode(mode: DnsMode): void
  /** For what is asked from now on; what is kept stays so for the time it was kept for. */
  setDnsTimes(times: DnsTimes): void
  /** How many queries were asked for each name since the start, as `name type`. */
  dnsQueries(): Readonly<Record<string, number>>
  /** Commands on one connection of their own. A reply that is an error rejects. */
  ask(target: AskTarget, commands: readonly (readonly string[])[], timeoutMs: number): Promise<unknown[]>
  /** The SHA-256 of the certificate that a server shows. */
  certificateOf(host: string, port: number): Promise<string>
  /** Resolves when the connection was taken. */
  connect(host: string, port: number, timeoutMs: number): Promise<void>
  /** Resolves with the status. */
  httpGet(url: string, timeoutMs: number): Promise<number>
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
