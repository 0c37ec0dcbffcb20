import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ScratchServer } from '../../scripts/scratch-server.js'
import { startScratchServer } from '../../scripts/scratch-server.js'
import type { Arg } from '../../src/routing/arg.js'
import { withTimeLeft } from '../../src/routing/blocking.js'
import { patiently } from './support/patience.js'

let server: ScratchServer
let client: Redis

beforeAll(async () => {
  server = await startScratchServer('redis-server', '127.74.1.3')
  client = server.connect()
  await client.xgroup('CREATE', 's', 'g', '$', 'MKSTREAM')
})
afterAll(() => server.stop())

const FOR_EVER: [string, Arg[], unknown][] = [
  ['blpop', ['a', 'b', 0], null],
  ['brpop', [Buffer.from('a'), '0'], null],
  ['brpoplpush', ['a', 'b', '0'], null],
  ['blmove', ['a', 'b', 'LEFT', 'RIGHT', Buffer.from('0')], null],
  ['blmpop', [0, 1, 'a', 'LEFT'], null],
  ['bzpopmin', ['z', 0], null],
  ['bzpopmax', ['z', 0], null],
  ['bzmpop', [0, 1, 'z', 'MIN'], null],
  ['xread', ['COUNT', 1, 'BLOCK', 0, 'STREAMS', 's', '$'], null],
  ['xreadgroup', ['GROUP', 'g', 'block', 'BLOCK', 0, 'STREAMS', 's', '>'], null],
  ['wait', [5, 0], 0]
]

it.each(FOR_EVER)('%s %s ends after the time that it is left with', async (name, args, reply) => {
  for (const leftMs of [-5, 0.2, 30]) {
    const started = performance.now()
    expect(await client.call(name, ...withTimeLeft(name, args, leftMs))).toEqual(reply)
    const tookMs = performance.now() - started
    // The server's timer may be a millisecond early.
    expect(tookMs).toBeGreaterThanOrEqual(leftMs - 2)
    expect(tookMs).toBeLessThan(patiently(1_000))
  }
})
