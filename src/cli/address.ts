import type { Address } from '../index.js'

/** `host:port`, with an IPv6 address in brackets. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** The address in what `formatAddress` gives. */
export function readAddress(key: string): Address {
  const colon = key.lastIndexOf(':')
  return { host: key.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(key.slice(colon + 1)) }
}
