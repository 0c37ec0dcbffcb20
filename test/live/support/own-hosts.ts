import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'

const run = promisify(execFile)

/** A program of its own, which starts many servers, takes several times as long on a busy machine. */
export const UNHURRIED = { timeout: 240_000 }

/** Runs a program of this folder where /etc/hosts is a file that it may rewrite, and the only source of names; resolves with the one JSON line that it prints. */
export async function withOwnHosts(context: TestContext, program: string): Promise<unknown> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    context.skip('a mount namespace with an /etc/hosts of its own needs Linux and root')
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-hosts-'))
  const hosts = join(folder, 'hosts')
  writeFileSync(hosts, '127.0.0.1 localhost\n')
  const order = join(folder, 'nsswitch.conf')
  writeFileSync(order, 'hosts: files\n')
  const script = 'mount --bind "$0" /etc/hosts && mount --bind "$3" /etc/nsswitch.conf && exec "$1" --import tsx "$2"'
  const words = ['sh', '-c', script, hosts, process.execPath, fileURLToPath(new URL(program, import.meta.url)), order]
  try {
    // Its own temporary files lie in this folder too, and are gone with it when it has to be ended.
    const { stdout } = await run('unshare', ['--mount', ...words], {
      timeout: context.task.timeout - 5_000,
      env: { ...process.env, TMPDIR: folder }
    })
    return JSON.parse(stdout.trim())
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
