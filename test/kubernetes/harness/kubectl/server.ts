import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../cluster.js'
import { type Call, ExitError } from './call.js'
import { LogClock } from './log-clock.js'
import { runKubectl } from './program.js'

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url))

/** What client.mjs sends, a line each. */
type Sent =
  { readonly argv: readonly string[]; readonly cwd: string } | { readonly stdin: string } | { readonly stdinEnds: true }

/** A `kubectl` for shells that speaks to a cluster of processes. */
export class KubectlServer {
  /** Told the words of each call before it is carried out. */
  onCall: (argv: readonly string[]) => void = () => undefined
  readonly #cluster: Cluster
  readonly #server: Server
  readonly #logClock: LogClock
  readonly #folder: string

  private constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#logClock = new LogClock(cluster)
    this.#folder = join(cluster.directory, 'kubectl')
    this.#server = createServer((socket) => {
      this.#serve(socket)
    })
  }

  static async start(cluster: Cluster): Promise<KubectlServer> {
    const server = new KubectlServer(cluster)
    mkdirSync(server.#folder)
    const program = join(server.#folder, 'kubectl')
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLIENT}' "$@"\n`)
    chmodSync(program, 0o755)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(server.#socketPath, resolve)
    })
    return server
  }

  /** An environment in which `kubectl` is this one. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: `${this.#folder}:${process.env['PATH'] ?? ''}`, KUBECTL_SOCKET: this.#socketPath }
  }

  async stop(): Promise<void> {
    this.#logClock.stop()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get #socketPath(): string {
    return join(this.#folder, 'socket')
  }

  #serve(socket: Socket): void {
    const gone = new AbortController()
    const stdin = new PassThrough()
    const send = (frame: object): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(frame)}\n`)
    }
    socket.on('error', () => undefined)
    socket.once('close', () => {
      gone.abort()
    })
    createInterface(socket).on('line', (line) => {
      const sent = JSON.parse(line) as Sent
      if ('stdin' in sent) stdin.write(Buffer.from(sent.stdin, 'base64'))
      else if ('stdinEnds' in sent) stdin.end()
      else {
        const call: Call = {
          cluster: this.#cluster,
          logClock: this.#logClock,
          cwd: sent.cwd,
          out: (data) => {
            send({ stdout: Buffer.from(data).toString('base64') })
          },
          err: (data) => {
            send({ stderr: Buffer.from(data).toString('base64') })
          },
          input: () => {
            send({ wants: 'stdin' })
            return stdin
          },
          signal: gone.signal
        }
        this.onCall(sent.argv)
        void codeOf(call, sent.argv).then((code) => {
          send({ code })
          socket.end()
        })
      }
    })
  }
}

async function codeOf(call: Call, argv: readonly string[]): Promise<number> {
  try {
    await runKubectl(call, argv)
    return 0
  } catch (error) {
    if (error instanceof ExitError) return error.code
    call.err(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}
