import { injectFault, startTopology } from 'ioredis-sentinel/testkit'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeBlocks } from '../package/markdown.js'
import { Child } from './child.js'
import { eventually } from './support/server-view.js'

test('the program of docs/start-here.md counts through the death of the primary, and misses no number', async () => {
  const [program = ''] = codeBlocks(readFileSync('docs/start-here.md', 'utf8'), 'ts')
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-start-here-'))
  try {
    await using topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 3_000 })
    const file = join(folder, 'count.mts')
    const shorter = program.replace('turn <= 300', 'turn <= 60')
    expect(shorter).not.toBe(program)
    writeFileSync(file, shorter)
    await using child = new Child(file, [topology.url])
    // What no replica has when the primary dies is lost, and its number would come twice: that is not what this is about.
    await eventually(async () => {
      const last = /wrote (\d+), read \d+\n$/.exec(child.stdout)?.[1]
      expect(Number(last)).toBeGreaterThanOrEqual(10)
      expect(await Promise.all(topology.nodes.map((node) => node.command('GET', 'count')))).toEqual([last, last, last])
    }, 40_000)
    await injectFault(topology, 'kill')
    expect([await child.ended(), child.stderr], child.stdout).toEqual([0, ''])
    const lines = child.stdout.trim().split('\n')
    const counted = lines.filter((line) => line.startsWith('wrote '))
    // Sentinels that get too little of the processor may move it once more, before all replicas hold what the first time was acknowledged:
    // the longer down-after is, the less of it do they have to miss.
    const moved = lines.filter((line) => !counted.includes(line))
    expect(moved.length).toBeGreaterThan(0)
    for (const line of moved) expect(line).toMatch(/^moved: \d calls waited, the longest \d+ ms$/)
    expect(counted).toEqual(Array.from({ length: 60 }, (_, turn) => `wrote ${turn + 1}, read ${turn + 1}`))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
