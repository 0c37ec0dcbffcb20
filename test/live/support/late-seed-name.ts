// Run by own-hosts.ts. Certificates have names only, and sentinels tell of each other by their addresses. Prints one JSON line.
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'

const hosts = ['127.0.0.1 localhost']
const known = (names: readonly string[]): void => writeFileSync('/etc/hosts', `${names.join('\n')}\n`)

const topology = await startTopology({
  tls: true,
  downAfterMs: 60_000,
  hostname: (kind, { host }, number) => {
    const name = `${kind}-${number}.redis.test`
    hosts.push(`${host} ${name}`)
    known(hosts)
    return name
  }
})
try {
  for (const sentinel of topology.sentinels)
    await sentinel.command('SENTINEL', 'CONFIG', 'SET', 'announce-hostnames', 'no')
  // The last sentinel's own.
  known(hosts.slice(0, -1))
  const client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    tls: { ca: topology.ca ?? '', checkServerIdentity: () => undefined },
    sentinelTls: { ca: topology.ca ?? '' },
    pollIntervalMs: 100
  })
  client.on('error', () => undefined)
  const unnamed = (): string | undefined =>
    client.topology.sentinels.find(({ error }) => error?.includes('certificate'))?.error
  const reachable = (): number => client.topology.sentinels.filter((one) => one.reachable).length
  await client.set('key', '1')
  while (unnamed() === undefined) await once(client, 'topology')
  const before = { reachable: reachable(), why: unnamed() }
  known(hosts)
  while (reachable() < 3) await once(client, 'topology')
  console.log(JSON.stringify({ before, after: reachable() }))
  await client.close()
} finally {
  await topology.stop()
}
