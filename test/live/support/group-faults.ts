import type { SentinelRedis } from 'ioredis-sentinel'
import type { Fault, InjectedFault, LocalProcess, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type RunnerTestCase, TestRunner } from 'vitest'
import { nextFailover } from './client-view.js'
import { beginFailover, settleSoon } from './clients.js'

declare module 'vitest' {
  interface TaskMeta {
    /** What was injected into the test's servers, in order; `npm run test:libraries` counts them. */
    faults?: Fault[]
  }
}

/** Injects a fault, and notes it in the results of the test that runs. */
export async function injectNoted(topology: LocalTopology, fault: Fault): Promise<InjectedFault> {
  const injected = await injectFault(topology, fault)
  const { meta } = TestRunner.getCurrentTest<RunnerTestCase>()
  meta.faults = [...(meta.faults ?? []), fault]
  return injected
}

/** Milliseconds since 1970. */
export interface Interval {
  readonly fromAt: number
  readonly untilAt: number
}

/**
 * A failover of a topology from startQuickTopology() by this fault. Resolves when `client` writes to the new primary and all servers are
 * well again, with the time between: what the old primary acknowledged in it may be lost. Rejects when the sentinels have then put
 * another primary in the place of the new one: what that had acknowledged is lost, and no client can help it. Sentinels that get too
 * little of the processor do so, since each may begin a failover of its own.
 */
export async function failOverBy(fault: Fault, topology: LocalTopology, client: SentinelRedis): Promise<Interval> {
  await settleSoon(topology)
  const fromAt = Date.now()
  const again = fault === 'manual' ? (): Promise<void> => beginFailover(topology) : undefined
  const reported = nextFailover(client, again)
  const { heal } = await injectNoted(topology, fault)
  const { from, to, epoch } = await reported
  const untilAt = Date.now()
  await heal()
  await settleSoon(topology)
  const { address } = await topology.primary()
  const told = `${formatted(from)} -> ${formatted(to)} by epoch ${epoch}, and now it is ${formatted(address)}`
  expect(address, `the sentinels undid a failover: ${told}\n${toldBy(topology.sentinels)}`).toEqual(to)
  return { fromAt, untilAt }
}

/** Whether this time is in one of these intervals. */
export function isWithin(intervals: readonly Interval[], at: number): boolean {
  return intervals.some(({ fromAt, untilAt }) => at >= fromAt && at <= untilAt)
}

function formatted(address: { readonly host: string; readonly port: number } | undefined): string {
  return address === undefined ? 'none' : `${address.host}:${address.port}`
}

/** What the sentinels logged of failovers, in the order of time. */
function toldBy(sentinels: readonly LocalProcess[]): string {
  const lines = sentinels.flatMap(({ address, directory }) =>
    readFileSync(join(directory, 'server.log'), 'utf8')
      .split('\n')
      .filter((line) => /epoch|failover|leader|promoted|switch-master|convert-to|[+-]odown|tilt/.test(line))
      .map((line) => line.replace(/^\d+:X \S+ \S+ \S+ /, '').concat(` (sentinel ${address.port})`))
  )
  return lines.sort().join('\n')
}
