import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Target } from './target.js'

/** The name, among those of the seeds, whose certificate the sentinel at this address has: one that is announced by name has its own. */
export async function seedNameOf(host: string, { url, options }: Target): Promise<string | undefined> {
  if (isIP(host) === 0) return host
  const seeds =
    url === undefined ? (options.sentinels ?? []) : (/^[^/]*\/\/(?:.*@)?([^/?#]*)/.exec(url)?.[1] ?? '').split(',')
  for (const seed of seeds) {
    const name = typeof seed === 'string' ? seed.replace(/:\d+$/, '') : seed.host
    if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) continue
    const found = await lookup(name, { all: true }).catch(() => [])
    if (found.some(({ address }) => address === host)) return name
  }
  return undefined
}
