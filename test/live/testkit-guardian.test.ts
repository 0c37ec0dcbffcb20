import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isRunning } from './testkit-processes.js'

interface Left {
  readonly pids: readonly number[]
  readonly folder: string
  readonly partitioned?: string
}

const CHILD = fileURLToPath(new URL('./testkit-crash-child.ts', import.meta.url))

async function startChild(): Promise<{ readonly child: ChildProcess; readonly left: Left }> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) return { child, left: JSON.parse(line) as Left }
  throw new Error(`the child ended with ${String(child.exitCode)} and printed nothing`)
}

function firewallNames(host: string): boolean {
  const rules = ['iptables -S', 'nft list ruleset'].map((line) => {
    const [command = '', ...args] = line.split(' ')
    return spawnSync(command, args).stdout?.toString() ?? ''
  })
  return rules.some((text) => text.includes(host))
}

test.for<NodeJS.Signals>(['SIGKILL', 'SIGINT'])(
  'after %s to the process that started it, no server, folder or rule is left',
  async (signal) => {
    const { child, left } = await startChild()
    expect(left.pids).toHaveLength(4)
    expect(left.pids.every(isRunning)).toBe(true)
    expect(existsSync(left.folder)).toBe(true)
    if (left.partitioned !== undefined) expect(firewallNames(left.partitioned)).toBe(true)
    child.kill(signal)
    await expect.poll(() => left.pids.filter(isRunning), { timeout: 30_000 }).toEqual([])
    await expect.poll(() => existsSync(left.folder), { timeout: 30_000 }).toBe(false)
    if (left.partitioned !== undefined) expect(firewallNames(left.partitioned)).toBe(false)
  }
)
