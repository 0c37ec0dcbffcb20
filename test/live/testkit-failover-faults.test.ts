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

async function movedFrom(topology: LocalTopology, old: LocalNode | undefined): Promise<LocalNode> {
  await eventually(async () => {
    expect(await topology.primary()).not.toBe(old)
  }, 30_000)
  return topology.primary()
}

async function movesThePrimary(fault: Fault): Promise<void> {
  const topology = await startTopology({ downAfterMs: 500 })
  try {
    const watch = topology.watchPromotions()
    const [old] = topology.nodes
    const injected = await injectFault(topology, fault)
    expect(injected.description).toContain(String(old))
    const primary = await movedFrom(topology, old)
    await eventually(() => {
      expect(watch.promotions.map(({ node }) => String(node))).toEqual([String(primary)])
    })
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

describe.concurrent('each fault that moves the primary', () => {
  test.for<Fault>(['kill', 'primary-and-sentinel', 'freeze', 'manual'])('%s', movesThePrimary)

  test.for<Fault>(['partition', 'peers'])(
    support.available ? '%s' : '%s (no root here: refused)',
    support.available ? movesThePrimary : isRefused
  )
})
