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
    await using topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 500 })
    const file = join(folder, 'count.mts')
    writeFileSync(file, program)
    await using child = new Child(file, [topology.url])
    await eventually(() => {
      expect(child.stdout).toContain('wrote 10, read 10\n')
    })
    await injectFault(topology, 'kill')
    expect([await child.ended(), child.stderr], child.stdout).toEqual([0, ''])
    const [moved, ...counted] = child.stdout.trim().split('\n').sort((a, b) => Number(b.startsWith('moved')) - Number(a.startsWith('moved')))
    expect(moved).toMatch(/^moved: 1 calls waited, the longest \d+ ms$/)
    expect(counted).toEqual(Array.from({ length: 60 }, (_, turn) => `wrote ${turn + 1}, read ${turn + 1}`))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
