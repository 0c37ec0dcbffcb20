import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf } from './support/clients.js'
import { eventually, killConnections } from './support/server-view.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startTopology({ replicas: 1 })
})
afterAll(() => topology.stop())

test.each([
  ['is closed', 'close'],
  ['is ended at once', 'disconnect']
] as const)(
  'a connection breaks, and its client %s before it has made another: others do not suspect the primary for ever',
  async (_, end) => {
    await using other = clientOf(topology)
    const first = clientOf(topology, { connectionName: `broken-${end}` })
    await Promise.all([other.ping(), first.ping()])
    const phases: string[] = []
    other.on('topology', ({ phase }) => phases.push(phase.kind))
    const ended = new Promise<void>((resolve) => {
      first.once('close', () => {
        void first[end]()
        resolve()
      })
    })
    expect(await killConnections(await topology.primary(), `broken-${end}`)).toBe(1)
    await ended
    expect(phases).toContain('suspect')
    await eventually(() => {
      expect(other.topology.phase).toEqual({ kind: 'stable' })
    })
    await expect(other.set('key', 'value')).resolves.toBe('OK')
  }
)
