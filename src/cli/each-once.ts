import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { SentinelView } from '../index.js'
import { readAddress } from './address.js'

/**
 * Without those that stand there twice. Two addresses of a sentinel are taken for one by the id that it answers with, and one that is
 * silent has none: as a seed it is known by an address of its name, and by the name itself when the others announce that.
 */
export async function eachOnce(sentinels: readonly SentinelView[]): Promise<readonly SentinelView[]> {
  const silent = sentinels.filter(({ reachable }) => !reachable).map(({ key }) => readAddress(key))
  const named = silent.filter(({ host }) => isIP(host) === 0)
  const literal = silent.filter(({ host, port }) => isIP(host) !== 0 && named.some((one) => one.port === port))
  if (literal.length === 0) return sentinels
  const resolved = await Promise.all(
    named.map(async ({ host, port }) => {
      const found = await lookup(host, { all: true }).catch(() => [])
      return found.map(({ address }) => ({ host: address, port }))
    })
  )
  const twice = resolved.flat()
  return sentinels.filter(({ key, reachable }) => {
    const { host, port } = readAddress(key)
    return reachable || !twice.some((one) => one.host === host && one.port === port)
  })
}
