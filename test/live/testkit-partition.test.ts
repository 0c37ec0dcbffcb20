import { spawnSync } from 'node:child_process'
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
  const output = (command: string, ...args: string[]): string => {
    const { stdout } = spawnSync(command, args, { encoding: 'utf8' }) as { readonly stdout: string | null }
    return stdout ?? ''
  }
  const rules = `${output('iptables', '-S')}\n${output('nft', 'list', 'ruleset')}`
  return rules.split('\n').filter((line) => line.includes(host))
}

async function partitionsAndHeals(): Promise<void> {
  const [primary, replica] = topology.nodes
  const sentinel = topology.sentinels[0]
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
  await expect.poll(linkUp, { timeout: 30_000 }).toMatchObject({ linkUp: true })
  await expect.poll(() => replica?.command('GET', 'during'), { timeout: 30_000 }).toBe('partition')
}

function whereIs(tool: string): string | undefined {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Runs the body with a PATH that has these tools and nothing else. */
async function withOnly(tools: readonly string[], body: () => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'testkit-path-'))
  for (const tool of tools) symlinkSync(whereIs(tool) ?? '', join(folder, tool))
  vi.stubEnv('PATH', folder)
  try {
    await body()
  } finally {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
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

/** Without root or without the tools it proves that the fault is refused instead. */
function rootTest(name: string, body: () => Promise<void>, tools: readonly string[] = []): void {
  const missing = tools.find((tool) => whereIs(tool) === undefined)
  if (!support.available) test(`${name} (no root here: refused)`, isRefused)
  else if (missing !== undefined) test(`${name} (no ${missing} here: refused)`, () => withOnly([], isRefused))
  else test(name, body)
}

for (const tools of [['iptables', 'iptables-restore'], ['nft']]) {
  rootTest(
    `a partition by ${tools.join(' and ')} alone cuts peers or everything, and heals`,
    async () => {
      await withOnly(tools, partitionsAndHeals)
      expect(rulesNaming(topology.nodes[1]?.address.host ?? '')).toEqual([])
    },
    tools
  )
}

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
  await withOnly([], isRefused)
})
