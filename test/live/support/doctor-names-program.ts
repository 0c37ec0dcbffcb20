// Run by own-hosts.ts. Prints one JSON line.
import type { Address } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from '../../../src/cli/doctor/rule.js'
import { assess } from '../../../src/cli/status/assess.js'
import { collectStatus } from '../../../src/cli/status/collect.js'
import { findings } from './examined.js'

const WAIT_MS = 15_000
const hosts = ['127.0.0.1 localhost']

function named(kind: 'node' | 'sentinel', { host }: Address, number: number): string {
  const name = `${kind}-${number}.redis.test`
  hosts.push(`${host} ${name}`)
  writeFileSync('/etc/hosts', `${hosts.join('\n')}\n`)
  return name
}

const topology = await startTopology({
  password: 'pw',
  downAfterMs: 20_000,
  failoverTimeoutMs: 15_000,
  config: { 'min-replicas-to-write': '1' },
  hostname: named
})
const { url } = topology

/** What is found when that is this, or at last. */
async function found(...codes: readonly string[]): Promise<readonly string[]> {
  const text = ({ code, at, evidence }: Finding): string => `${code} ${at ?? ''}: ${evidence}`
  const until = performance.now() + WAIT_MS
  for (;;) {
    const all = await findings({ url })
    if (all.map(({ code }) => code).join() === codes.join() || performance.now() > until) return all.map(text)
    await sleep(100)
  }
}

try {
  const [, , last] = topology.sentinels
  const well = await found()
  await last?.kill()
  const dead = await found('sentinel-down')
  const { health, problems } = assess(await collectStatus({ url, options: {}, timeoutMs: 1_500 }))
  console.log(JSON.stringify({ url, last: last?.address.host, well, dead, health, problems }))
} finally {
  await topology.stop()
}
