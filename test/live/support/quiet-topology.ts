import type { LocalNode, LocalTopology, TopologyOptions } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { settleSoon, startQuickTopology } from './clients.js'

export interface QuietTopology {
  readonly topology: LocalTopology
  /** The primary when the test began. */
  readonly primary: LocalNode
  readonly replicas: readonly LocalNode[]
}

/**
 * One topology for all tests of a file. Nobody is held to be down, so a failover happens only when a test asks for one; before
 * each test it is settled and empty.
 */
export function useQuietTopology(options: TopologyOptions = {}): QuietTopology {
  const quiet: { topology?: LocalTopology; primary?: LocalNode; replicas?: readonly LocalNode[] } = {}
  beforeAll(async () => {
    quiet.topology = await startQuickTopology({ downAfterMs: 60_000, ...options })
  })
  afterAll(() => quiet.topology?.stop())
  beforeEach(async () => {
    const { topology } = quiet as QuietTopology
    await settleSoon(topology)
    quiet.primary = await topology.primary()
    quiet.replicas = await topology.replicas()
    await quiet.primary.command('FLUSHALL')
  })
  return quiet as QuietTopology
}
