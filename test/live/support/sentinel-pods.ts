import type { SentinelRedis } from 'ioredis-sentinel'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** All have the same port, each on an address of its own, as the pods of a headless Service have. */
export const PORT = 26_379

/** The first three numbers of addresses that are this program's own. */
export const ADDRESSES = `127.${30 + (process.pid % 200)}.${(process.pid >> 8) % 250}`

export interface Pod {
  readonly host: string
  readonly process: ChildProcess
}

const started = new Set<ChildProcess>()

// They end with this program, also when it is ended from outside.
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** A sentinel with an id of its own, that finds the others through the primary. Its configuration lies in `folder`. */
export function startPod(
  folder: string,
  host: string,
  group: string,
  primary: { readonly host: string; readonly port: number }
): Pod {
  const conf = join(folder, `${host}.conf`)
  const lines = [`port ${PORT}`, `bind ${host}`, 'protected-mode no', `sentinel announce-ip ${host}`]
  writeFileSync(conf, [...lines, `sentinel monitor ${group} ${primary.host} ${primary.port} 2`, ''].join('\n'))
  const child = spawn('redis-server', [conf, '--sentinel'], { stdio: 'ignore' })
  started.add(child)
  return { host, process: child }
}

/** SIGKILL. Resolves when it has ended. */
export async function endPod({ process: child }: Pod): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

/** Resolves when the client has a link to each of them. */
export function linked(client: SentinelRedis, hosts: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      const keys = client.topology.sentinels.filter(({ reachable }) => reachable).map(({ key }) => key)
      if (!hosts.every((host) => keys.includes(`${host}:${PORT}`))) return
      client.off('topology', check)
      resolve()
    }
    client.on('topology', check)
    check()
  })
}
