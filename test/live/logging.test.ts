import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, failOver, settleSoon, startQuickTopology } from './support/clients.js'
import { type Line, LogLines } from './support/log-lines.js'
import { eventually } from './support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

async function holdDownAfter(ms: number): Promise<void> {
  const words = ['SENTINEL', 'SET', topology.name, 'down-after-milliseconds', String(ms)]
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.command(...words)))
}

const messages = (lines: readonly Line[]): string[] => lines.map(({ msg }) => msg)

describe('the log', () => {
  it('has one line of a failover from the level of info up, which tells how it went', async () => {
    const log = new LogLines()
    await using client = clientOf(topology, { logger: log.logger })
    await client.set('key', 'value')
    await usable(client, 2)
    const reads = setInterval(() => void client.get('key').catch(() => undefined), 5)
    const writes = setInterval(() => void client.incr('count').catch(() => undefined), 5)
    await failOver(topology, client)
    await settleSoon(topology)
    await usable(client, 2)
    clearInterval(reads)
    clearInterval(writes)
    const [line] = log.from('info')
    expect(messages(log.from('info'))).toEqual(['failover over'])
    expect(line).toMatchObject({ level: 'info', group: 'mymaster', module: 'ioredis-sentinel', outcome: 'moved' })
    expect(line?.['timeline']).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\d+ ms sentinel \S+ \+elected-leader /),
        expect.stringMatching(/^\d+ ms client moved /),
        expect.stringMatching(/^\d+ ms client connected /)
      ])
    )
    expect(log.at('debug').length).toBeGreaterThan(2)
  })

  it('has few lines of an outage that lasts, and says when it is over', async () => {
    const log = new LogLines()
    // What the client gives up while all are frozen, it gives up after a second more than this.
    await holdDownAfter(500)
    await using client = clientOf(topology, { logger: log.logger })
    await client.set('key', 'value')
    const servers = [await topology.primary(), ...topology.sentinels]
    await Promise.all(servers.map((server) => server.freeze()))
    const writes = setInterval(() => void client.incr('count').catch(() => undefined), 1)
    // On a busy machine this may last 10 s, and then that is told too.
    const told = (): string[] => messages(log.from('info')).filter((line) => line !== 'calls wait for the primary')
    try {
      await eventually(() => {
        expect(told()).toEqual(['no sentinel can be reached: the last known primary stays in use'])
      }, 20_000)
      const { retried, heldTotal } = client.stats()
      // A connection is tried again every two seconds at the latest.
      await eventually(() => {
        expect(client.stats().heldTotal - heldTotal).toBeGreaterThan(1_000)
      }, 20_000)
      expect(client.stats().retried).toBe(retried)
      expect(told()).toHaveLength(1)
    } finally {
      clearInterval(writes)
      await Promise.all(servers.map((server) => server.thaw()))
      await holdDownAfter(60_000)
    }
    await eventually(() => {
      expect(messages(log.from('info'))).toContain('sentinels can be reached again')
    }, 20_000)
  })

  it('has no line from info up while all is well', async () => {
    await settleSoon(topology)
    const log = new LogLines()
    await using client = clientOf(topology, { logger: log.logger })
    await client.set('key', 'value')
    await usable(client, 2)
    await client.get('key')
    await client.close()
    expect(messages(log.from('info'))).toEqual([])
  })
})
