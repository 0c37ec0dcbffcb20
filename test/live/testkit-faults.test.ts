import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Fault,
  FAULTS,
  FaultUnavailableError,
  injectFault,
  type LocalTopology,
  partitionSupport,
  startTopology
} from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from './support/server-view.js'
import { isRunning } from './testkit-processes.js'

let topology: LocalTopology

beforeEach(async () => {
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 5000 })
})

afterEach(() => topology.stop())

test('restart within down-after keeps the primary, its data and its role', async () => {
  const watch = topology.watchPromotions()
  const primary = await topology.primary()
  await primary.command('SET', 'kept', 'yes')
  const before = primary.pid
  const { heal } = await injectFault(topology, 'restart')
  expect(primary.pid).not.toBe(before)
  expect(await primary.command('GET', 'kept')).toBe('yes')
  await heal()
  await topology.settled()
  expect(await topology.primary()).toBe(primary)
  expect(watch.promotions).toEqual([])
})

test('replica-kill and replica-freeze take a replica and leave the primary', async () => {
  const primary = await topology.primary()
  const killed = await injectFault(topology, 'replica-kill')
  const frozen = await injectFault(topology, 'replica-freeze')
  const replicas = topology.nodes.filter((node) => node !== primary)
  expect(replicas.map((node) => [node.alive, node.frozen])).toEqual([
    [false, false],
    [true, true]
  ])
  await Promise.all([killed.heal(), frozen.heal()])
  await topology.settled()
  expect(replicas.every((node) => node.healthy)).toBe(true)
  expect(await topology.primary()).toBe(primary)
})

async function cutsAReplicaOff(): Promise<void> {
  const primary = await topology.primary()
  const { description, heal } = await injectFault(topology, 'replica-partition')
  const [cutOff, ...more] = topology.nodes.filter((node) => node.partitioned)
  expect([more, cutOff === primary]).toEqual([[], false])
  expect(description).toBe(`replica: ${String(cutOff)} cut off from everything`)
  await expect(cutOff?.role(200)).rejects.toThrow()
  expect(await topology.primary()).toBe(primary)
  await heal()
  await topology.settled()
  expect(cutOff?.healthy).toBe(true)
  expect(await topology.primary()).toBe(primary)
}

async function isRefused(): Promise<void> {
  await expect(injectFault(topology, 'replica-partition')).rejects.toBeInstanceOf(FaultUnavailableError)
  expect(topology.nodes.every((node) => node.healthy)).toBe(true)
}

const { available } = await partitionSupport()

test(
  available
    ? 'replica-partition cuts a replica off and leaves the primary'
    : 'replica-partition (no root here: refused)',
  available ? cutsAReplicaOff : isRefused
)

test('sentinel-kill and all-sentinels: the primary is still found, and they come back', async () => {
  const one = await injectFault(topology, 'sentinel-kill')
  expect(topology.sentinels.filter((sentinel) => sentinel.alive)).toHaveLength(2)
  await one.heal()
  const pids = topology.sentinels.map((sentinel) => sentinel.pid)
  const all = await injectFault(topology, 'all-sentinels')
  expect(pids.map(isRunning)).toEqual([false, false, false])
  expect(await topology.primary()).toBe(topology.nodes[0])
  await expect(topology.sentinelFailover()).rejects.toThrow('no sentinel is running')
  await all.heal()
  await topology.settled()
})

test('a failover that the servers refuse is refused in their words', async () => {
  await topology.sentinelFailover()
  await expect(topology.sentinelFailover()).rejects.toThrow(/^INPROG Failover already in progress/)
})

test('an unknown fault is refused with the list', async () => {
  await expect(injectFault(topology, 'earthquake' as Fault)).rejects.toThrow(
    `there is no fault "earthquake"; allowed are ${Object.keys(FAULTS).join(', ')}`
  )
})

test('a frozen node takes connections and answers nothing until it is thawed', async () => {
  const [, replica] = topology.nodes
  await replica?.freeze()
  await expect(replica?.role(200)).rejects.toThrow('gave no answer for 200 ms')
  await replica?.thaw()
  expect((await replica?.role())?.role).toBe('replica')
})

test('a slow node answers late, and not after it is healed', async () => {
  const [, replica] = topology.nodes
  const medianMs = async (): Promise<number> => {
    const took: number[] = []
    for (let round = 0; round < 11; round += 1) {
      const from = performance.now()
      await replica?.command('PING')
      took.push(performance.now() - from)
      await sleep(Math.random() * 40)
    }
    return took.sort((a, b) => a - b)[5] ?? 0
  }
  const heal = await replica?.slow(200)
  const slowMs = await medianMs()
  expect(slowMs).toBeGreaterThan(40)
  await heal?.()
  expect(await medianMs()).toBeLessThan(slowMs / 3)
})

test('a killed process is gone, starts again with its data, and a graceful restart says goodbye', async () => {
  const [, , replica] = topology.nodes
  const pid = replica?.pid
  await replica?.kill()
  await replica?.kill()
  expect([isRunning(pid), replica?.alive, replica?.pid]).toEqual([false, false, undefined])
  await replica?.start()
  expect(replica?.alive).toBe(true)
  // While it writes its append-only file anew, after all has been sent to it, a server refuses to end.
  await eventually(async () => {
    const info = String(await replica?.command('INFO'))
    expect(info).toContain('master_link_status:up')
    expect(info).toContain('aof_rewrite_in_progress:0')
    expect(info).toContain('aof_rewrite_scheduled:0')
  })
  const from = performance.now()
  await replica?.restart({ graceful: true, downMs: 100 })
  expect(performance.now() - from).toBeGreaterThan(100)
  expect(replica?.logs()).toContain('User requested shutdown')
  expect(replica?.logs()).toContain('bye bye')
})
