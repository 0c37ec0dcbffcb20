import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

test('a seed with one name for all sentinels is linked to every address, and resolved anew when all have moved', async (context) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    context.skip('a mount namespace with an /etc/hosts of its own needs Linux and root')
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-hosts-'))
  const hosts = join(folder, 'hosts')
  writeFileSync(hosts, '127.0.0.1 localhost\n')
  const program = fileURLToPath(new URL('./support/named-sentinels.ts', import.meta.url))
  try {
    const script = 'mount --bind "$0" /etc/hosts && exec "$1" --import tsx "$2"'
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', script, hosts, process.execPath, program], {
      timeout: 55_000
    })
    expect(JSON.parse(stdout.trim())).toEqual({ values: ['1', '1', '1'] })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
