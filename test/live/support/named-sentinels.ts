// Run in a mount namespace of its own, where /etc/hosts is a file that this program may rewrite. Prints one JSON line.
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NAME = 'sentinels.test'
const PORT = 26_379
const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-names-'))
const base = `127.${30 + (process.pid % 200)}.${(process.pid >> 8) % 250}`
const children: ChildProcess[] = []

/** Every sentinel on the same port, each on an address of its own, as the pods of a headless Service are. */
function startSentinel(host: string, primary: { host: string; port: number }, group: string): ChildProcess {
  const conf = join(folder, `${host}.conf`)
  writeFileSync(
    conf,
    `port ${PORT}\nbind ${host}\nprotected-mode no\nsentinel announce-ip ${host}\nsentinel announce-port ${PORT}\nsentinel monitor ${group} ${primary.host} ${primary.port} 2\n`
  )
  const child = spawn('redis-server', [conf, '--sentinel'], { stdio: 'ignore' })
  children.push(child)
  return child
}

function resolveTo(...hosts: string[]): void {
  writeFileSync('/etc/hosts', ['127.0.0.1 localhost', ...hosts.map((host) => `${host} ${NAME}`), ''].join('\n'))
}

/** Fails at once where somebody else has the address. */
async function mustBeFree(host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(PORT, host, () =>
      server.close(() => {
        resolve()
      })
    )
  })
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) =>
    child.once('exit', () => {
      resolve()
    })
  )
}

const topology = await startTopology({ replicas: 1, sentinels: 1, name: 'inner' })
const primary = (await topology.primary()).address
const hosts = [1, 2, 3, 11, 12, 13].map((last) => `${base}.${last}`)
try {
  await Promise.all(hosts.map(mustBeFree))
  const first = hosts.slice(0, 3)
  const second = hosts.slice(3)
  const old = first.map((host) => startSentinel(host, primary, 'named'))
  resolveTo(...first)
  const client = new SentinelRedis({ name: 'named', sentinels: [`${NAME}:${PORT}`], pollIntervalMs: 100 })
  const reached = (wanted: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        const keys = client.topology.sentinels.filter((view) => view.reachable).map((view) => view.key)
        if (!wanted.every((host) => keys.includes(`${host}:${PORT}`))) return
        client.off('topology', check)
        resolve()
      }
      client.on('topology', check)
      check()
    })
  await reached(first)
  await client.set('before', '1')
  for (const child of old) child.kill('SIGKILL')
  await Promise.all(old.map(exited))
  await client.set('between', '1')
  for (const host of second) startSentinel(host, primary, 'named')
  resolveTo(...second)
  await reached(second)
  await client.set('after', '1')
  const values = await client.mget('before', 'between', 'after')
  await client.close()
  console.log(JSON.stringify({ values }))
} finally {
  for (const child of children) child.kill('SIGKILL')
  await topology.stop()
  rmSync(folder, { recursive: true, force: true })
}
