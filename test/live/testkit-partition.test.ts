import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { FaultUnavailableError, type LocalTopology, partitionSupport, startTopology } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let topology: LocalTopology

beforeEach(async () => {
  topology = await startTopology({ replicas: 1, sentinels: 1, downAfterMs: 60_000 })
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await topology.stop()
})

/** The rules of both tools that name an address. */
function rulesNaming(host: string): string[] {
  const iptables = spawnSync('iptables', ['-S']).stdout.toString()
  const nft = spawnSync('nft', ['list', 'ruleset']).stdout.toString()
  return `${iptables}\n${nft}`.split('\n').filter((line) => line.includes(host))
}

async function partitionsAndHeals(): Promise<void> {
  const [primary, replica] = topology.nodes
  const sentinel = topology.sentinels[0]
  const host = replica?.address.host ?? ''
  const linkUp = async (): Promise<unknown> => await replica?.role()

  const healPeers = await replica?.partition('peers')
  expect(replica?.partitioned).toBe(true)
  expect((await replica?.role())?.role).toBe('replica')
  const client = new Redis({ ...primary?.address })
  await client.set('during', 'partition')
  expect(await client.wait(1, 300)).toBe(0)
  client.disconnect()
  expect(await replica?.command('GET', 'during')).toBeNull()

  const healAll = await replica?.partition('everything')
  await expect(replica?.role(300)).rejects.toThrow()
  expect((await primary?.role())?.role).toBe('primary')
  expect(await sentinel?.command('PING')).toBe('PONG')

  await healAll?.()
  expect((await replica?.role())?.role).toBe('replica')
  await healPeers?.()
  await healPeers?.()
  expect(replica?.partitioned).toBe(false)
  await expect.poll(linkUp, { timeout: 10_000 }).toMatchObject({ linkUp: true })
  await expect.poll(() => replica?.command('GET', 'during'), { timeout: 10_000 }).toBe('partition')
  expect(rulesNaming(host)).toEqual([])
}

/** A PATH that has only the given tools, beside the folder of node. */
function pathWith(...tools: string[]): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'testkit-path-'))
  for (const tool of tools) {
    const where = execFileSync('/bin/sh', ['-c', `command -v ${tool}`])
      .toString()
      .trim()
    symlinkSync(where, join(folder, tool))
  }
  return {
    path: folder,
    remove: () => {
      rmSync(folder, { recursive: true })
    }
  }
}

const support = await partitionSupport()

async function isRefused(): Promise<void> {
  const [primary] = topology.nodes
  const partition = primary?.partition('everything')
  await expect(partition).rejects.toBeInstanceOf(FaultUnavailableError)
  await expect(partition).rejects.toThrow(/needs root \(CAP_NET_ADMIN\) and iptables or nft \(iptables: .+; nft: .+\)/)
  expect(primary?.partitioned).toBe(false)
  expect((await primary?.role())?.role).toBe('primary')
}

/** Without root it proves that the fault is refused instead. */
function rootTest(name: string, body: () => Promise<void>): void {
  if (support.available) test(name, body)
  else test(`${name} (no root here: refused)`, isRefused)
}

rootTest('a partition by iptables cuts peers or everything, and heals', async () => {
  const only = pathWith('iptables', 'iptables-restore')
  vi.stubEnv('PATH', only.path)
  await partitionsAndHeals().finally(() => {
    vi.unstubAllEnvs()
    only.remove()
  })
})

rootTest('a partition by nft, where there is no iptables', async () => {
  const only = pathWith('nft')
  vi.stubEnv('PATH', only.path)
  await partitionsAndHeals().finally(() => {
    vi.unstubAllEnvs()
    only.remove()
  })
})

rootTest('stop removes the rules of a partition that was not healed', async () => {
  const [primary] = topology.nodes
  await primary?.partition('everything')
  expect(rulesNaming(primary?.address.host ?? '')).not.toEqual([])
  await topology.stop()
  expect(rulesNaming(primary?.address.host ?? '')).toEqual([])
})

rootTest('a replica added during a partition from peers is cut off too', async () => {
  const [primary, replica] = topology.nodes
  await replica?.partition('peers')
  const added = await topology.addReplica()
  expect((await added.role()).role).toBe('replica')
  const rules = rulesNaming(added.address.host).filter((rule) => rule.includes(replica?.address.host ?? ''))
  expect(rules.length).toBeGreaterThanOrEqual(2)
  expect(rulesNaming(primary?.address.host ?? '').some((rule) => rule.includes(added.address.host))).toBe(false)
})

test('without a tool a partition is refused and says what it needs', async () => {
  vi.stubEnv('PATH', '/nonexistent')
  await isRefused()
})
