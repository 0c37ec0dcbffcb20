import { ConfigurationError, type ChannelMessage, type FailoverTimeline } from 'ioredis-sentinel'
import { collectMetrics } from 'ioredis-sentinel/prometheus'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { nextFailover, usable } from './support/client-view.js'
import { clientOf, failOver, settleSoon, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology()
})
afterAll(() => topology.stop())

/** The value of each series, by its text: `name{labels}`. */
async function series(register: Registry): Promise<ReadonlyMap<string, number>> {
  const lines = (await register.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    })
  )
}

const own = (name: string, more = ''): string => `ioredis_sentinel_${name}{group="mymaster",client="writer"${more}}`

describe('metrics for Prometheus', () => {
  it('tell what the client does, and a failover when it happens', async () => {
    const register = new Registry()
    await using client = clientOf(topology)
    const end = collectMetrics(client, { register, client: 'writer' })
    await client.set('k', 'v')
    await usable(client, 2)
    await eventually(async () => {
      await client.get('k')
      expect((await series(register)).get(own('replica_reads_total'))).toBeGreaterThan(0)
    })
    const before = await series(register)
    const [primary, promoted] = [await topology.primary(), await topology.replicas()]
    const address = `,address="${primary.address.host}:${primary.address.port}"`
    const at = (name: string, more = ''): number | undefined => before.get(own(name, more))
    expect([at('held'), at('failovers_total', ',outcome="moved"'), at('phase', ',phase="stable"')]).toEqual([0, 0, 1])
    expect(at('primary_info', address)).toBe(1)
    expect([...before.keys()].filter((name) => name.startsWith('ioredis_sentinel_sentinel_reachable'))).toHaveLength(3)
    for (const { address: replica } of promoted)
      expect(at('replica_usable', `,address="${replica.host}:${replica.port}"`)).toBe(1)

    await failOver(topology, client)
    const after = await series(register)
    expect(after.get(own('failovers_total', ',outcome="moved"'))).toBe(1)
    expect(after.get(own('failover_seconds_count'))).toBe(1)
    expect(after.get(own('config_epoch'))).toBe(client.topology.configEpoch)
    expect(after.get(own('primary_info', address))).toBeUndefined()

    end()
    expect((await series(register)).size).toBe(0)
    await settleSoon(topology)
  })

  it('are told apart by client, and refuse two of one name', async () => {
    const register = new Registry()
    await using client = clientOf(topology)
    await using other = client.duplicate()
    const end = collectMetrics(client, { register, client: 'writer' })
    expect(() => collectMetrics(other, { register, client: 'writer' })).toThrow(
      'collectMetrics() was given a second client of "mymaster" as "writer"; allowed is a `client` label of its own'
    )
    collectMetrics(other, { register, client: 'reader' })
    expect([...(await series(register)).keys()].filter((name) => /^ioredis_sentinel_held\{/.test(name))).toHaveLength(2)
    end()
    collectMetrics(client, { register, client: 'writer' })
  })

  it('are there again after the registry was cleared', async () => {
    const register = new Registry()
    await using client = clientOf(topology)
    const end = collectMetrics(client, { register })
    register.clear()
    expect((await series(register)).size).toBe(0)
    collectMetrics(client, { register })
    end()
    expect([...(await series(register)).keys()].some((name) => name.startsWith('ioredis_sentinel_held{'))).toBe(true)
  })

  it('refuse what is no client, and no name', async () => {
    await using client = clientOf(topology)
    expect(() => collectMetrics({} as never)).toThrow(ConfigurationError)
    expect(() => collectMetrics(client, { client: '' })).toThrow('collectMetrics({ client }) is ""; allowed is a text')
  })

  it('are listed in docs/metrics.md, all of them', async () => {
    const register = new Registry()
    await using client = clientOf(topology, { maxLagMs: 10_000 })
    collectMetrics(client, { register })
    const names = (await register.getMetricsAsJSON()).map(({ name, help }) => `| \`${name}\` | ${help}`)
    const listed = readFileSync('docs/metrics.md', 'utf8').match(/^\| `ioredis_sentinel_\w+` \| [^|]*(?= \|)/gm) ?? []
    expect([...listed].sort()).toEqual(names.sort())
  })
})

describe('diagnostics channels', () => {
  it('give every event to whoever subscribed, with the client and its group', async () => {
    const heard: ChannelMessage[] = []
    const listener = (message: unknown): void => void heard.push(message as ChannelMessage)
    subscribe('ioredis-sentinel:failover', listener)
    onTestFinished(() => void unsubscribe('ioredis-sentinel:failover', listener))
    await using client = clientOf(topology)
    await client.set('k', 'v')
    const reported = nextFailover(client)
    await failOver(topology, client)
    const timeline: FailoverTimeline = await reported
    expect(heard.filter((message) => message.client === client)).toEqual([
      { client, group: 'mymaster', event: timeline }
    ])
  })
})
