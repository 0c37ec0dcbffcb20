import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ByteProxy } from '../support/byte-proxy.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { Echo } from '../support/echo.js'

const CLIENTS = 50
const OUTAGE_MS = 10 * 60_000
const REMINDERS = OUTAGE_MS / 60_000
const SOON_MS = 5_000
/** Shorter than a node may be silent. */
const STEP_MS = 50

let topology: LocalTopology
let proxies: readonly ByteProxy[]

const realTimeout = setTimeout

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000, replicas: 1 })
  proxies = await Promise.all(topology.sentinelAddresses.map((address) => ByteProxy.to(address)))
})
afterEach(() => vi.useRealTimers())
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()))
  await topology.stop()
})

/** Sentinels are reached through the proxies, those that others name too. */
const addressMap: SentinelRedisOptions['addressMap'] = (address, kind) =>
  kind === 'sentinel'
    ? proxies[topology.sentinelAddresses.findIndex(({ port }) => port === address.port)]?.address
    : undefined

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The clock goes as fast as the sockets of this process and the nodes keep up: between two steps everything is answered. */
async function passes(ms: number): Promise<void> {
  const nodes = await Promise.all(topology.nodes.map(({ address }) => Echo.of(address)))
  try {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      vi.advanceTimersByTime(STEP_MS)
      await turn()
      // What a node has read before the first question is answered on every connection before the second one is.
      for (let round = 0; round < 2; round += 1) await Promise.all(nodes.map((node) => node.answers()))
      for (let turns = 0; turns < 4; turns += 1) await turn()
    }
  } finally {
    for (const node of nodes) node.close()
  }
}

/** The clock goes with the real one, until it has come true; resolves with the milliseconds that it took. */
async function until(holds: () => unknown, limitMs = 30_000): Promise<number> {
  const began = performance.now()
  while (holds() !== true) {
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${String(holds)}`)
    await new Promise((resolve) => realTimeout(resolve, 5))
    vi.advanceTimersByTime(5)
  }
  return performance.now() - began
}

async function answered<Reply>(reply: Promise<Reply>): Promise<Reply> {
  let settled = false
  const noted = reply.finally(() => (settled = true))
  noted.catch(() => undefined)
  await until(() => settled)
  return noted
}

const attempts = (): number => proxies.reduce((sum, { accepted }) => sum + accepted, 0)

test(`ten minutes without sentinels, ${CLIENTS} clients: they work on, few attempts, one line a minute, back within 5 s`, async () => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance']
  })
  const lines: { readonly level: number; readonly msg: string }[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[0]) })
  const options = { sentinels: proxies.map(({ address }) => address), addressMap, logger, deadlineMs: Infinity }
  const make = (): SentinelRedis => clientOf(topology, options)
  const clients = Array.from({ length: CLIENTS }, make)
  try {
    await answered(Promise.all(clients.map((client, index) => client.set(`client:${index}`, 'before'))))
    await until(() => clients[0]?.topology.sentinels.filter(({ reachable }) => reachable).length === proxies.length)
    expect(attempts()).toBe(proxies.length)
    lines.splice(0)

    for (const proxy of proxies) proxy.shut()
    await passes(OUTAGE_MS / 2)
    await answered(Promise.all(clients.map((client, index) => client.set(`client:${index}`, 'during'))))
    // One who starts now finds nobody, and waits.
    const late = make()
    clients.push(late)
    await passes(OUTAGE_MS / 2)

    // Each sentinel is asked once in 1 to 2 s by the whole process, when it has failed some times; and it is never given up.
    const tried = attempts() / proxies.length
    expect(tried).toBeLessThan(OUTAGE_MS / 1_000 + 30)
    expect(tried).toBeGreaterThan(OUTAGE_MS / 10_000)
    const told = lines.filter(({ msg }) => msg.startsWith('no sentinel can be reached'))
    expect(told.length).toBeGreaterThanOrEqual(REMINDERS)
    expect(told.length).toBeLessThanOrEqual(REMINDERS + 1)
    expect(lines.filter((line) => !told.includes(line))).toEqual([])

    // Meanwhile the primary is another one; nobody has told the clients.
    const [first] = clients
    const old = first?.topology.primary?.address
    await topology.sentinels[0]?.command('SENTINEL', 'FAILOVER', topology.name)
    await until(() => first?.topology.phase.kind === 'suspect')
    const writes = Promise.all(clients.map((client, index) => client.set(`client:${index}`, 'after')))
    for (const proxy of proxies) proxy.reopen()
    const reopenedAt = performance.now()
    expect(await answered(writes)).toEqual(clients.map(() => 'OK'))
    expect(performance.now() - reopenedAt).toBeLessThan(SOON_MS)
    expect(first?.topology.primary?.address).not.toEqual(old)
    await until(() => first?.topology.sentinels.every(({ reachable }) => reachable))
    expect(performance.now() - reopenedAt).toBeLessThan(SOON_MS)
    expect(lines.filter(({ msg }) => msg === 'sentinels can be reached again')).toHaveLength(1)
  } finally {
    for (const client of clients) client.disconnect()
  }
}, 480_000)
