// Run by own-hosts.ts. The resolver does not answer for one of the seeds. Prints one JSON line.
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const topology = await startTopology({ replicas: 1 })
const silent = createSocket('udp4')
try {
  const address = `127.18.${process.pid % 250}.53`
  silent.bind(53, address)
  await once(silent, 'listening')
  const resolver = join(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-resolver-')), 'resolv.conf')
  writeFileSync(resolver, `nameserver ${address}\noptions timeout:4 attempts:1\n`)
  execFileSync('mount', ['--bind', resolver, '/etc/resolv.conf'])
  writeFileSync('/etc/nsswitch.conf', 'hosts: files dns\n')
  const ended: string[] = []
  const lookedUp = lookup('slow.redis.test').catch(() => ended.push('look-up'))
  const client = new SentinelRedis({
    name: topology.name,
    sentinels: [...topology.sentinelAddresses.slice(0, 2), 'slow.redis.test:26379']
  })
  await client.set('key', '1')
  ended.push('write')
  await lookedUp
  console.log(JSON.stringify({ ended }))
  await client.close()
} finally {
  silent.close()
  await topology.stop()
}
