import type { Fault } from 'ioredis-sentinel/testkit'
import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the program inside says when its topology is there: each process by the address that it announces, and a socket that leads to it. */
export interface Inside {
  readonly name: string
  readonly nodes: readonly Door[]
  readonly sentinels: readonly Door[]
}

export interface Door {
  readonly announced: string
  readonly path: string
}

/** A topology in a network namespace: what its processes announce is reached from here by forwarded ports alone. */
export interface OwnNetwork {
  readonly name: string
  /** `announced` -> `reached` */
  readonly nodes: Readonly<Record<string, string>>
  readonly sentinels: Readonly<Record<string, string>>
  /** Injects a fault; resolves when all servers are well again and have settled. */
  failOver(fault: Fault): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Why it cannot be started here; undefined when it can. */
export function ownNetworkSupport(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a network namespace needs Linux and root'
  return spawnSync('unshare', ['--net', 'true']).status === 0 ? undefined : 'no network namespace can be made here'
}

export async function startOwnNetwork(): Promise<OwnNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-network-'))
  const program = fileURLToPath(new URL('own-network-program.ts', import.meta.url))
  const child = spawn('unshare', ['--net', process.execPath, '--import', 'tsx', program, folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, TMPDIR: folder }
  })
  const inside = (await message(child)) as Inside
  const forwards: Server[] = []
  const forward = async (doors: readonly Door[]): Promise<Record<string, string>> => {
    const reached: Record<string, string> = {}
    for (const { announced, path } of doors) {
      const server = await listen(path)
      forwards.push(server)
      reached[announced] = `127.0.0.1:${(server.address() as { port: number }).port}`
    }
    return reached
  }
  return {
    name: inside.name,
    nodes: await forward(inside.nodes),
    sentinels: await forward(inside.sentinels),
    failOver: async (fault) => {
      const told = message(child) as Promise<{ failed?: string }>
      child.send(fault)
      const { failed } = await told
      if (failed !== undefined) throw new Error(`the failover in the network namespace: ${failed}`)
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
      await Promise.all(forwards.map((server) => new Promise((closed) => server.close(closed))))
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** Joins two sockets; when one ends, so does the other. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one]
  ] as const) {
    from.on('error', () => undefined)
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}

async function listen(path: string): Promise<Server> {
  const server = createServer((client) => {
    joinSockets(client, connect(path))
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  return server
}

/** The next one, or why there is none. */
async function message(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  try {
    return await Promise.race([
      once(child, 'message', { signal: over.signal }).then(([told]) => told as unknown),
      once(child, 'exit', { signal: over.signal }).then(([code]) => {
        throw new Error(`the program in the network namespace ended with ${String(code)}`)
      })
    ])
  } finally {
    over.abort()
  }
}
