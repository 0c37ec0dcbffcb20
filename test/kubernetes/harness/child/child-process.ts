import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { NICE, NICE_ARGUMENTS } from '../runtime/priority.js'
import { onlyChildOf } from '../runtime/process-tree.js'
import type { DnsTimes } from '../dns/records.js'
import type { Errands, Reply, Request } from './protocol.js'

const PROGRAM = fileURLToPath(new URL('cluster-child.ts', import.meta.url))
const TSX = createRequire(import.meta.url).resolve('tsx')

type Result<E extends keyof Errands> = Promise<Awaited<ReturnType<Errands[E]>>>

/** The process whose namespaces the cluster lives in, seen from outside. */
export class ClusterProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<
    number,
    { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }
  >()
  readonly exited: Promise<void>
  #hostPid = 0
  #requests = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.exited = new Promise((resolve) => {
      child.once('exit', () => {
        for (const { reject } of this.#waiting.values()) reject(new Error('the cluster has ended'))
        this.#waiting.clear()
        resolve()
      })
    })
    child.on('message', (reply: Reply) => {
      if (!('id' in reply)) return
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if ('error' in reply) waiting?.reject(new Error(reply.error))
      else waiting?.resolve(reply.result)
    })
  }

  /** `prepare` is called when the namespaces are there, before DNS listens at `dnsAddress`. */
  static async start(
    dnsAddress: string,
    times: DnsTimes,
    logFile: number,
    prepare: (pid: number) => Promise<void>
  ): Promise<ClusterProcess> {
    const namespaces = ['--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child']
    // It waits for a line, so that its network can be made before it listens.
    const words = ['sh', '-c', 'read -r _; exec "$@" </dev/null', 'cluster', process.execPath, '--import', TSX, PROGRAM]
    const child = spawn(
      NICE,
      [...NICE_ARGUMENTS, 'unshare', ...namespaces, '--', ...words, dnsAddress, JSON.stringify(times)],
      {
        stdio: ['pipe', logFile, logFile, 'ipc'],
        detached: true
      }
    )
    const started = new ClusterProcess(child)
    const ready = new Promise<void>((resolve, reject) => {
      child.once('message', () => {
        resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => {
        reject(new Error(`the process of the cluster's namespaces ended with ${String(code)} while starting`))
      })
    })
    ready.catch(() => undefined)
    started.#hostPid = await onlyChildOf(child.pid ?? 0)
    await prepare(started.#hostPid)
    child.stdin?.end('go\n')
    await ready
    return started
  }

  /** As this machine counts, not the namespace. */
  get pid(): number {
    return this.#hostPid
  }

  call<E extends keyof Errands>(errand: E, ...args: Parameters<Errands[E]>): Result<E> {
    const id = (this.#requests += 1)
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error('the cluster has ended'))
        return
      }
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
      this.#child.send({ id, errand, args } satisfies Request)
    })
  }

  /** Ends it, and with it every process of the cluster. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    process.kill(this.#hostPid, 'SIGKILL')
    await this.exited
  }
}
