import {
  type Fault,
  FaultUnavailableError,
  injectFault,
  type LocalNode,
  type LocalTopology,
  partitionSupport,
  startTopology
} from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import { eventually } from './support/server-view.js'

const support = await partitionSupport()

/** A failover that was not agreed on is begun anew after 20 s. */
async function movedFrom(topology: LocalTopology, old: LocalNode | undefined): Promise<void> {
  await eventually(async () => {
    expect(await topology.primary()).not.toBe(old)
  }, 45_000)
}

async function movesThePrimary(fault: Fault): Promise<void> {
  const topology = await startTopology({ downAfterMs: 2_000 })
  try {
    const watch = topology.watchPromotions()
    const [old] = topology.nodes
    const injected = await injectFault(topology, fault)
    expect(injected.description).toContain(String(old))
    await movedFrom(topology, old)
    await eventually(async () => {
      // The sentinels may have moved more than once.
      expect(String(watch.promotions.at(-1)?.node)).toBe(String(await topology.primary()))
    }, 30_000)
    expect(watch.promotions[0]?.at).toBeGreaterThan(injected.at)
    watch.stop()
    await injected.heal()
    await injected.heal()
    await topology.settled()
    // The sentinels may have moved once more meanwhile.
    const { address } = await topology.primary()
    expect(await old?.role()).toMatchObject({ role: 'replica', of: address, linkUp: true })
  } finally {
    await topology.stop()
  }
}

async function isRefused(fault: Fault): Promise<void> {
  const topology = await startTopology({ replicas: 0, sentinels: 1 })
  try {
    await expect(injectFault(topology, fault)).rejects.toBeInstanceOf(FaultUnavailableError)
  } finally {
    await topology.stop()
  }
}

describe('each fault that moves the primary', () => {
  test.for<Fault>(['kill', 'primary-and-sentinel', 'freeze', 'manual'])('%s', { timeout: 120_000 }, movesThePrimary)

  test.for<Fault>(['partition', 'peers'])(
    support.available ? '%s' : '%s (no root here: refused)',
    { timeout: 120_000 },
    support.available ? movesThePrimary : isRefused
  )
})
