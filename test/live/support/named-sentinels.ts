// Run by own-hosts.ts. Prints one JSON line.
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ADDRESSES, endPod, linked, type Pod, PORT, startPod } from './sentinel-pods.js'

const NAME = 'sentinels.test'
const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-names-'))
const pods: Pod[] = []

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

const topology = await startTopology({ replicas: 1, sentinels: 1, name: 'inner' })
const primary = (await topology.primary()).address
const hosts = [1, 2, 3, 11, 12, 13].map((last) => `${ADDRESSES}.${last}`)

function start(wanted: readonly string[]): void {
  for (const host of wanted) pods.push(startPod(folder, host, 'named', primary))
  resolveTo(...wanted)
}

try {
  await Promise.all(hosts.map(mustBeFree))
  const first = hosts.slice(0, 3)
  const second = hosts.slice(3)
  start(first)
  const client = new SentinelRedis({ name: 'named', sentinels: [`${NAME}:${PORT}`], pollIntervalMs: 100 })
  await linked(client, first)
  await client.set('before', '1')
  await Promise.all(pods.map(endPod))
  await client.set('between', '1')
  start(second)
  await linked(client, second)
  await client.set('after', '1')
  const values = await client.mget('before', 'between', 'after')
  await client.close()
  console.log(JSON.stringify({ values }))
} finally {
  await Promise.all(pods.map(endPod))
  await topology.stop()
  rmSync(folder, { recursive: true, force: true })
}
