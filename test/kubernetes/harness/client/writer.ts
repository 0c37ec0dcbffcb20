import { createInterface } from 'node:readline'
import { dirname } from 'node:path'
import { waitUntil } from '../../../../src/testkit/wait-until.js'
import type { Cluster } from '../cluster.js'
import type { Pod } from '../kubelet/pod.js'
import type { EnvVar } from '../manifests/objects.js'
import type { Bind } from '../runtime/root-filesystem.js'
import { accessOf } from '../redis-access.js'
import { putWriterProgram } from './writer-program.js'
import type { WriterLine, WriterReport } from './writer-report.js'

const PROGRAM = '/program/writer.mjs'

const CLIENT_NODE = 100

export interface WriterOptions {
  readonly name?: string
  /** One write every so many milliseconds. Default 2, which is 500 a second. */
  readonly everyMs?: number
  /**
   * Default: the ready-only Service `sentinels`, and `sentinel-headless` beside it. While no sentinel is Ready the first name does
   * not exist, and DNS keeps that for 30 s: with this name alone, a handover soon after all sentinels were replaced took 24 s.
   */
  readonly seeds?: string
  /** Labels that a NetworkPolicy may ask for. */
  readonly labels?: Readonly<Record<string, string>>
  readonly env?: readonly EnvVar[]
  /** Default: one of its own, which no fault befalls. */
  readonly node?: number
}

/** This project's client in a pod of the cluster, writing all the time and keeping a ledger. */
export class Writer {
  readonly #pod: Pod
  readonly #cluster: Cluster
  #acked = 0
  #report: WriterReport | undefined
  readonly problems: string[] = []

  private constructor(cluster: Cluster, pod: Pod) {
    this.#cluster = cluster
    this.#pod = pod
  }

  /** Resolves when its first writes are acknowledged. */
  static async start(cluster: Cluster, options: WriterOptions = {}): Promise<Writer> {
    const {
      name = 'writer',
      everyMs = 2,
      labels = { app: 'writer', 'redis-client': 'true' },
      env = [],
      node = CLIENT_NODE
    } = options
    const domain = `${cluster.namespace}.svc.cluster.local`
    const { seeds = `sentinels.${domain}:26379,sentinel-headless.${domain}:26379` } = options
    const { application, tls } = accessOf(cluster)
    const secret = (variable: string, key: string): EnvVar => ({
      name: variable,
      valueFrom: { secretKeyRef: { name: 'redis-auth', key, optional: true } }
    })
    const pod = cluster.createPod(
      {
        name,
        node,
        labels,
        annotations: {},
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 5,
          dnsConfig: {
            options: [
              { name: 'ndots', value: '1' },
              { name: 'timeout', value: '1' }
            ]
          },
          volumes: tls
            ? [{ name: 'tls', secret: { secretName: 'redis-tls', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }]
            : [],
          containers: [
            {
              name: 'writer',
              image: 'node',
              command: [process.execPath, PROGRAM],
              env: [
                { name: 'SEEDS', value: seeds },
                { name: 'EVERY_MS', value: String(everyMs) },
                { name: 'REDIS_USER', value: application.user },
                secret('REDIS_PASSWORD', application.key),
                secret('SENTINEL_PASSWORD', 'sentinel-password'),
                ...(tls ? [{ name: 'CA_FILE', value: '/tls/ca.crt' }] : []),
                ...env
              ],
              volumeMounts: tls ? [{ name: 'tls', mountPath: '/tls', readOnly: true }] : []
            }
          ]
        }
      },
      { binds: programBinds(await putWriterProgram(cluster.directory)), piped: true }
    )
    if (pod === undefined) throw new Error(`no node takes the pod ${name}`)
    const writer = new Writer(cluster, pod)
    await writer.#listen()
    await writer.untilAcked(100)
    return writer
  }

  /** How many writes are acknowledged so far. */
  get acked(): number {
    return this.#acked
  }

  /** Resolves when so many more writes are acknowledged than at the call. */
  async untilAcked(more: number, timeoutMs = 180_000): Promise<void> {
    const from = this.#acked
    const ended = await waitUntil(`${more} more acknowledged writes`, timeoutMs, async () => {
      if (this.#acked >= from + more) return { done: false }
      return this.#pod.phase === 'Failed' ? { done: true } : { notYet: `${this.#acked - from} are` }
    })
    if (ended) throw new Error(`the writer has ended; ${this.problems.slice(-3).join('; ')}`)
  }

  /** Writes no more, reads everything back and ends. */
  async stop(): Promise<WriterReport> {
    const { process } = this.#pod.container()
    process?.streams.stdin?.end()
    const report = await waitUntil('the report of the writer', 240_000, async () => {
      if (this.#report !== undefined) return { done: this.#report }
      if (this.#pod.phase === 'Failed') return { done: undefined }
      return { notYet: `${this.#acked} acked; ${this.problems.slice(-3).join('; ')}` }
    })
    if (report === undefined)
      throw new Error(`the writer has ended without a report; ${this.problems.slice(-3).join('; ')}`)
    await this.#cluster.deletePod(this.#pod)
    return report
  }

  /** Resolves when its process runs and its output is read. */
  async #listen(): Promise<void> {
    const stream = await waitUntil('the writer to start', 120_000, async () => {
      const stdout = this.#pod.containers[0]?.process?.streams.stdout
      return stdout ? { done: stdout } : { notYet: this.#pod.phase }
    })
    createInterface(stream).on('line', (text) => {
      const line = JSON.parse(text) as WriterLine
      if ('acked' in line) this.#acked = line.acked
      else if ('report' in line) this.#report = line.report
      else this.problems.push(line.problem)
    })
  }
}

/** The program, and Node's own folder where it is not among the programs that every container has. */
function programBinds(program: string): readonly Bind[] {
  const node = dirname(process.execPath)
  return [
    { source: program, target: PROGRAM, readOnly: true },
    ...(node.startsWith('/usr/') ? [] : [{ source: node, target: node, readOnly: true }])
  ]
}
