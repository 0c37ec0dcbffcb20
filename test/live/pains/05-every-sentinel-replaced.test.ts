import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

interface Outcome {
  readonly values: readonly string[]
  readonly started: number
  readonly grown: number
  readonly known: readonly string[]
  readonly listed: readonly string[]
}

test('every sentinel replaced 5 times by one with another address and id: all are found by the one name, and the list stays short', async (context) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    context.skip('a mount namespace with an /etc/hosts of its own needs Linux and root')
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-hosts-'))
  const hosts = join(folder, 'hosts')
  writeFileSync(hosts, '127.0.0.1 localhost\n')
  const program = fileURLToPath(new URL('../support/replaced-sentinels.ts', import.meta.url))
  try {
    const script = 'mount --bind "$0" /etc/hosts && exec "$1" --import tsx "$2"'
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', script, hosts, process.execPath, program], {
      timeout: 55_000
    })
    const { values, started, grown, known, listed } = JSON.parse(stdout.trim()) as Outcome
    expect(values).toEqual(['OK', 'OK', 'OK', 'OK', 'OK', 'OK'])
    expect(started).toBe(3 + 5 * 3 + 1)
    // Those that are gone are known for as long as a living sentinel names them, and no longer.
    expect(known.filter((key) => !listed.includes(key))).toEqual([])
    expect(known.length).toBeGreaterThanOrEqual(3)
    expect(known.length).toBeLessThan(Math.min(grown, started / 2))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
