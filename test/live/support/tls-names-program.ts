// Run by own-hosts.ts. Prints one JSON line.
import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { Address } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SniRecorder } from './sni-recorder.js'

const run = promisify(execFile)
const recorders = new Map<string, SniRecorder>()
const targets = new Map<string, Address>()
const hosts = ['127.0.0.1 localhost']

/** Every name leads to a recorder, at an address of its own and the port of the server behind it. */
function named(kind: 'node' | 'sentinel', target: Address, number: number): string {
  const name = `${kind}-${number}.redis.test`
  const host = `127.19.${process.pid % 250}.${number + 1}`
  recorders.set(name, SniRecorder.at({ host, port: target.port }, target))
  targets.set(name, target)
  hosts.push(`${host} ${name}`)
  writeFileSync('/etc/hosts', `${hosts.join('\n')}\n`)
  return name
}

function seen(): Record<string, string[]> {
  const entries = [...recorders].map(([name, { names }]) => [
    name,
    // The servers and the testkit give no name.
    [...new Set(names.filter((one) => one !== undefined))]
  ])
  return Object.fromEntries(entries) as Record<string, string[]>
}

const reads = (client: SentinelRedis): boolean => client.stats().replicas.filter((one) => one.usable).length === 2

const topology = await startTopology({
  tls: true,
  password: 'pw',
  sentinelPassword: 'spw',
  downAfterMs: 60_000,
  hostname: named
})
const detours = new Map<string, SniRecorder>()
try {
  const hurry = ['SENTINEL', 'DEBUG', 'info-period', '500', 'publish-period', '1000']
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.command(...hurry)))
  const options: SentinelRedisOptions = {
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    password: 'pw',
    sentinelPassword: 'spw',
    tls: { ca: topology.ca ?? '' },
    sentinelTls: { ca: topology.ca ?? '' }
  }
  const client = new SentinelRedis(options)
  const errors: string[] = []
  client.on('error', (error: Error) => errors.push(error.message))
  await client.set('before', '1')
  while (!reads(client)) await sleep(20)
  const seeds = topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).join(',')
  writeFileSync(`${process.env['TMPDIR'] ?? '/tmp'}/ca.crt`, topology.ca ?? '')
  const words = [
    '--sentinels',
    seeds,
    '--name',
    topology.name,
    '--password',
    'pw',
    '--sentinel-password',
    'spw',
    '--tls'
  ]
  const files = ['--sentinel-tls', '--ca', `${process.env['TMPDIR'] ?? '/tmp'}/ca.crt`]
  const cli = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))
  const { stdout: status } = await run(process.execPath, ['--import', 'tsx', cli, 'status', ...words, ...files])
  const announced = [client.topology.primary?.address, ...client.topology.replicas.map(({ address }) => address)]
  await topology.settled()
  const moved = once(client, 'failover')
  await topology.sentinelFailover()
  await moved
  await client.set('after', '1')
  const byName = seen()

  const copy = client.duplicate()
  const session = await client.session()
  const values = await copy.with({ session }).mget('before', 'after')
  await copy.close()
  await client.close()

  // Each server is reached at an address and a port of which no sentinel and no certificate knows.
  for (const recorder of recorders.values()) recorder.names.length = 0
  const mapped = new SentinelRedis({
    ...options,
    sentinels: topology.sentinelAddresses.slice(0, 1),
    addressMap: ({ host }) => {
      const target = targets.get(host)
      if (target === undefined) throw new Error(`nobody announces ${host}`)
      const detour = detours.get(host) ?? SniRecorder.at({ host: '127.0.0.1', port: 0 }, target)
      detours.set(host, detour)
      return detour.address
    }
  })
  mapped.on('error', (error: Error) => errors.push(error.message))
  await mapped.set('mapped', '1')
  while (!reads(mapped)) await sleep(20)
  while (mapped.topology.sentinels.filter(({ reachable }) => reachable).length < 3) await once(mapped, 'topology')
  const again = mapped.duplicate()
  const value = await again.with({ session: await mapped.session() }).get('mapped')
  await again.close()
  await mapped.close()
  const byDetour = Object.fromEntries([...detours].map(([name, { names }]) => [name, [...new Set(names)]]))
  console.log(JSON.stringify({ announced, byName, byDetour, direct: seen(), status, values, value, errors }))
} finally {
  await topology.stop()
  for (const recorder of [...recorders.values(), ...detours.values()]) recorder.close()
}
