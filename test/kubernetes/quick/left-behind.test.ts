import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { waitUntil } from '../../../src/testkit/wait-until.js'
import { needsCluster } from '../harness/needs-linux-root.js'
import { isAlive } from '../harness/runtime/process-tree.js'

const PROGRAM = fileURLToPath(new URL('../support/crash-child.ts', import.meta.url))
const TSX = createRequire(import.meta.url).resolve('tsx')

it('nothing is left of a cluster whose test is killed', async (context) => {
  needsCluster(context)
  const child = spawn(process.execPath, ['--import', TSX, PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { directory, pids } = JSON.parse(line) as { directory: string; pids: readonly number[] }
    // The guardian, the cluster, its pause process, redis, and what leads to them.
    expect(pids.filter(isAlive).length).toBeGreaterThan(4)
    child.kill('SIGKILL')
    await waitUntil('the end of everything', 20_000, async () => {
      const left = pids.filter(isAlive)
      return left.length === 0 && !existsSync(directory) ? { done: undefined } : { notYet: `${left.join(', ')} run` }
    })
  } finally {
    child.kill('SIGKILL')
  }
})
