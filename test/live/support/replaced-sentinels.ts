// Run by own-hosts.ts. Prints one JSON line.
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'
import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ADDRESSES, endPod, linked, type Pod, PORT, startPod } from './sentinel-pods.js'

const NAME = 'sentinels.test'
const GROUP = 'replaced'
const TIMES = 5
const HOSTS_BYTES = 1_000
/** Longer than a sentinel that nobody names any more is remembered. */
const LATER_MS = 200_000

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-replaced-'))
const NEVER_UP = `${ADDRESSES}.250`

const topology = await startTopology({ replicas: 1, sentinels: 1, name: 'inner' })
const pods: Pod[] = []
let last = 0

/** A pod with an address that no other has had. */
function nextPod(primary: { readonly host: string; readonly port: number }): Pod {
  last += 1
  return startPod(folder, `${ADDRESSES}.${last}`, GROUP, primary)
}

/** One record a pod, as a headless Service has, behind one of a pod that never comes up. */
function publishNames(): void {
  const lines = ['127.0.0.1 localhost', ...[NEVER_UP, ...pods.map(({ host }) => host)].map((host) => `${host} ${NAME}`)]
  // In one write and of one length: nobody may read it half written.
  const hosts = openSync('/etc/hosts', 'r+')
  writeSync(hosts, `${lines.join('\n')}\n`.padEnd(HOSTS_BYTES, '\n'), 0)
  closeSync(hosts)
}

try {
  const primary = (await topology.primary()).address
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.kill()))
  for (let pod = 0; pod < 3; pod += 1) pods.push(nextPod(primary))
  publishNames()
  const client = new SentinelRedis({ name: GROUP, sentinels: [`${NAME}:${PORT}`] })
  const all = (): Promise<void> =>
    linked(
      client,
      pods.map(({ host }) => host)
    )
  const replace = async (...indexes: readonly number[]): Promise<void> => {
    await Promise.all(indexes.map((index) => endPod(pods[index] as Pod)))
    for (const index of indexes) pods[index] = nextPod(primary)
    publishNames()
    await all()
  }
  await all()
  const values: string[] = []
  for (let time = 1; time <= TIMES; time += 1) {
    if (time % 2 === 0) await replace(0, 1, 2)
    else {
      await replace(0, 1)
      await replace(2)
    }
    values.push(await client.set(`after:${time}`, time))
  }
  const grown = client.topology.sentinels.length

  const now = performance.now.bind(performance)
  performance.now = () => now() + LATER_MS
  // Gone a moment ago: it may still be known.
  const gone = pods[0]?.host ?? ''
  await replace(0)
  const listed = new Set([NEVER_UP, gone, ...pods.map(({ host }) => host)].map((host) => `${host}:${PORT}`))
  for (const { host } of pods) {
    const { stdout } = await run('redis-cli', ['-h', host, '-p', String(PORT), 'SENTINEL', 'SENTINELS', GROUP])
    for (const [, ip = ''] of stdout.matchAll(/^ip\n(.*)$/gm)) listed.add(`${ip}:${PORT}`)
  }
  const known = client.topology.sentinels.map(({ key }) => key)

  const moved = new Promise((resolve) => client.once('primary-changed', resolve))
  await run('redis-cli', ['-h', pods[1]?.host ?? '', '-p', String(PORT), 'SENTINEL', 'FAILOVER', GROUP])
  await moved
  values.push(await client.set('moved', 'yes'))
  await client.close()
  console.log(JSON.stringify({ values, started: last, grown, known, listed: [...listed] }))
} finally {
  await Promise.all(pods.map(endPod))
  await topology.stop()
  rmSync(folder, { recursive: true, force: true })
}
