import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Address } from '../protocol/address.js'

export interface ResolvedSeed {
  readonly seed: Address
  readonly addresses: readonly Address[]
  /** Why its name gave no address. */
  readonly error?: Error
}

/** All addresses of a seed's name: a headless Service has one record a sentinel. */
export async function resolveSeed(seed: Address, family: number | undefined): Promise<ResolvedSeed> {
  if (isIP(seed.host) !== 0) return { seed, addresses: [seed] }
  try {
    const records = await lookup(seed.host, { all: true, ...(family === undefined ? {} : { family }) })
    return { seed, addresses: records.map(({ address }) => ({ host: address, port: seed.port })) }
  } catch (error) {
    return { seed, addresses: [], error: error instanceof Error ? error : new Error(String(error)) }
  }
}
