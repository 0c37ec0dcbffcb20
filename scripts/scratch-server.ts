import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** One real server with empty data and nothing on disk, for a question or two; whole topologies are the testkit's. */
export interface ScratchServer {
  readonly host: string
  readonly port: number
  /** A client of its own for every call, without retries: what the server says is what comes back. */
  connect(): Redis
  /** Closes the clients, ends the process and removes its folder. */
  stop(): Promise<void>
}

/**
 * Starts `binary` (a redis-server or valkey-server) on a free port of `host`, an address in 127.0.0.0/8.
 * Throws with the server's log when it does not answer within 10 s.
 */
export async function startScratchServer(
  binary: string,
  host: string,
  settings: readonly string[] = []
): Promise<ScratchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'scratch-server-'))
  const port = await freePort(host)
  const log = join(folder, 'log')
  const child = spawn(
    binary,
    ['--bind', host, '--port', `${port}`, '--dir', folder, '--logfile', log, '--save', '', ...settings],
    { stdio: 'ignore' }
  )
  const ended = once(child, 'exit').catch((error: unknown) => {
    throw new Error(`${binary} could not be started (Debian: apt-get install redis-server)`, { cause: error })
  })
  const killNow = () => child.kill('SIGKILL')
  process.once('exit', killNow)
  const clients: Redis[] = []
  const connect = (): Redis => {
    const client = new Redis({ host, port, retryStrategy: () => null, enableReadyCheck: false })
    clients.push(client)
    return client
  }
  const stop = async (): Promise<void> => {
    for (const client of clients) client.disconnect()
    child.kill('SIGKILL')
    await ended.catch(() => undefined)
    process.off('exit', killNow)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.race([
      answers(host, port),
      ended.then(async () => {
        throw new Error(`${binary} ended at once:\n${await readFile(log, 'utf8').catch(() => '(no log)')}`)
      })
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return { host, port, connect, stop }
}

async function answers(host: string, port: number): Promise<void> {
  const probe = new Redis({
    host,
    port,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (times < 200 ? 50 : null)
  })
  probe.on('error', () => undefined)
  try {
    await probe.connect().catch(() => undefined)
    await probe.ping()
  } finally {
    probe.disconnect()
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
