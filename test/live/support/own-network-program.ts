// Run by own-network.ts in a network namespace of its own: a topology, and for each of its processes a socket in the folder that leads to it.
import { injectFault, startTopology } from 'ioredis-sentinel/testkit'
import type { Fault } from 'ioredis-sentinel/testkit'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Door, Inside } from './own-network.js'
import { joinSockets } from './own-network.js'

const [folder = ''] = process.argv.slice(2)

async function door({ host, port }: { host: string; port: number }): Promise<Door> {
  const path = join(folder, `${host}.${port}`)
  const server = createServer((client) => {
    joinSockets(client, connect({ host, port }))
  })
  server.listen(path)
  await once(server, 'listening')
  return { announced: `${host}:${port}`, path }
}

execFileSync('ip', ['link', 'set', 'lo', 'up'])
const topology = await startTopology({ downAfterMs: 1_000, name: 'inside' })
await Promise.all(
  topology.sentinels.map((sentinel) =>
    sentinel.command('SENTINEL', 'DEBUG', 'info-period', '500', 'publish-period', '1000')
  )
)
const inside: Inside = {
  name: topology.name,
  nodes: await Promise.all(topology.nodes.map(({ address }) => door(address))),
  sentinels: await Promise.all(topology.sentinels.map(({ address }) => door(address)))
}
async function failOver(fault: Fault): Promise<void> {
  const replicas = await topology.replicas()
  const { heal } = await injectFault(topology, fault)
  for (let promoted = false; !promoted; await sleep(20)) {
    const roles = await Promise.all(replicas.map((node) => node.role().catch(() => undefined)))
    promoted = roles.some((told) => told?.role === 'primary')
  }
  await heal()
  await topology.settled(40_000)
}

process.on('message', (fault: Fault) => {
  failOver(fault).then(
    () => process.send?.({ done: true }),
    (error: unknown) => process.send?.({ failed: String(error) })
  )
})
process.on('disconnect', () => {
  void topology.stop().finally(() => process.exit(0))
})
process.send?.(inside)
