import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalNode, type LocalSentinel, type LocalTopology, startTopology } from 'ioredis-sentinel/testkit'
import { directive, readRendered, ROOT, running } from '../../manifests/support/objects.js'
import { startChild } from './child.js'
import { type Exporter, startExporter } from './exporter.js'
import { Prometheus, type Scraped } from './prometheus.js'
import { groupsOf, hurried } from './rules.js'
import { type Target, targetsOf } from './targets.js'

/** What stands for the Secret redis-auth of production. */
const SECRET = Object.fromEntries(
  [
    'user-app',
    'user-exporter',
    'user-sentinel',
    'user-replication',
    'user-probe',
    'user-admin',
    'sentinel-password'
  ].map((key) => [key, `the-${key}`])
)
const password = (key: string): string => SECRET[key] ?? ''
/** Of the testkit's own user, who may do all; in production that one is off. */
export const PASSWORD = 'the-testkit'

/** Production and the examples, each server with its exporter, and a Prometheus that asks them all. */
export class WatchedTopology {
  readonly #undo: (() => unknown)[] = []
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-monitoring-')))
  readonly #exporters = new Map<string, Exporter>()
  readonly #objects = readRendered('production')
  readonly #targets = targetsOf([...this.#objects, ...readRendered('examples')])
  #servers: ReadonlyMap<string, LocalNode | LocalSentinel> = new Map()
  #topology: LocalTopology | undefined
  #prometheus: Prometheus | undefined

  private constructor() {
    this.#undo.push(() => rmSync(this.#folder, { recursive: true, force: true }))
  }

  /**
   * A topology with TLS, the users and the settings of production, an exporter beside each server as its container says, the examples as
   * clients, and a Prometheus that asks what ServiceMonitors and PodMonitors lead to, with the rules of production, none of which waits
   * longer than `lasting`.
   */
  static async start(lasting: string): Promise<WatchedTopology> {
    const watched = new WatchedTopology()
    try {
      await watched.#start(lasting)
      return watched
    } catch (error) {
      await watched.stop()
      throw error
    }
  }

  get topology(): LocalTopology {
    return this.#topology ?? never('topology')
  }

  get prometheus(): Prometheus {
    return this.#prometheus ?? never('prometheus')
  }

  exporter(pod: string): Exporter {
    return this.#exporters.get(pod) ?? never(pod)
  }

  /** What Prometheus calls the pod of a server. */
  pod(server: LocalNode | LocalSentinel): string {
    return [...this.#servers].find(([, of]) => of === server)?.[0] ?? never(String(server))
  }

  /** Starts the exporter of a pod, beside its server. */
  async startExporter(pod: string): Promise<Exporter> {
    const [set] = pod.split('-')
    const { container } =
      this.#targetsOf('StatefulSet').find(({ workload: { owner } }) => owner.metadata.name === set) ?? never(pod)
    const { address, ip } = this.#servers.get(pod) ?? never(pod)
    const server = `${address.host}:${address.port}`
    const exporter = await startExporter({ container, server, ip, secret: SECRET, files: { '/tls/ca.crt': this.#ca } })
    this.#exporters.set(pod, exporter)
    return exporter
  }

  /** In the order in which it was started, backwards. */
  async stop(): Promise<void> {
    for (const undo of this.#undo.splice(0).toReversed()) await undo()
  }

  get #ca(): string {
    return join(this.#folder, 'ca.crt')
  }

  async #start(lasting: string): Promise<void> {
    const topology = await this.#startTopology()
    this.#topology = topology
    this.#servers = new Map<string, LocalNode | LocalSentinel>([
      ...topology.nodes.map((node, index) => [`redis-${index}`, node] as const),
      ...topology.sentinels.map((sentinel, index) => [`sentinel-${index}`, sentinel] as const)
    ])
    this.#undo.push(() => Promise.all([...this.#exporters.values()].map((exporter) => exporter.stop())))
    const servers = await Promise.all(
      [...this.#servers.keys()].map(async (pod) => {
        const { address } = await this.startExporter(pod)
        const [set] = pod.split('-')
        return this.#targetsOf('StatefulSet')
          .filter(({ workload: { owner } }) => owner.metadata.name === set)
          .map(({ path, labels }) => ({ address, path, labels: { ...labels, pod } }))
      })
    )
    const clients = await Promise.all(
      this.#targetsOf('Deployment').map((target, index) => this.#startClient(target, index))
    )
    const listens = `${topology.nodes[0]?.ip}:9090`
    const rules = hurried(groupsOf(this.#objects), lasting)
    this.#prometheus = await Prometheus.start(this.#folder, listens, [...servers.flat(), ...clients], rules)
    this.#undo.push(() => this.prometheus.stop())
  }

  async #startTopology(): Promise<LocalTopology> {
    const [redis = never('redis')] = running(this.#objects, 'redis')
    const users = join(this.#folder, 'users.acl')
    writeFileSync(users, aclFile(readFileSync(join(ROOT, 'k8s/components/acl/users.acl'), 'utf8')))
    const settings = ['maxmemory', 'maxmemory-policy', 'min-replicas-to-write', 'min-replicas-max-lag', 'repl-timeout']
    const config = Object.fromEntries(settings.map((key) => [key, directive(this.#objects, redis, key) ?? '']))
    const topology = await startTopology({
      tls: true,
      password: PASSWORD,
      sentinelPassword: password('sentinel-password'),
      downAfterMs: 5_000,
      config: { ...config, aclfile: users }
    })
    this.#undo.push(() => topology.stop())
    writeFileSync(this.#ca, topology.ca ?? '')
    return topology
  }

  #targetsOf(kind: 'StatefulSet' | 'Deployment'): readonly Target[] {
    return this.#targets.filter(({ workload }) => workload.owner.kind === kind)
  }

  async #startClient({ workload, container, path, labels }: Target, index: number): Promise<Scraped> {
    const { name } = workload.owner.metadata
    const [HTTP_HOST = '', HTTP_PORT] = [this.topology.sentinels[index]?.ip, container.ports?.[0]?.containerPort]
    const address = `${HTTP_HOST}:${HTTP_PORT}`
    const env = {
      REDIS_URL: this.topology.url.replace(`:${PASSWORD}@`, `app:${password('user-app')}@`),
      NODE_EXTRA_CA_CERTS: this.#ca,
      ...{ HTTP_HOST, HTTP_PORT: String(HTTP_PORT), RATE: '50', HEARTBEAT_RATE: '10', GRACE_MS: '2500' }
    }
    const program = join(ROOT, `examples/${name.replace('example-', '')}.ts`)
    const child = await startChild(process.execPath, ['--import', 'tsx', program], env, `http://${address}${path}`)
    this.#undo.push(() => child.stop())
    return { address, path, labels: { ...labels, pod: `${name}-0` } }
  }
}

/** What start.sh makes of users.acl. */
function aclFile(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('user '))
    .map((line) => {
      const [, name = '', ...rules] = line.split(' ')
      if (name === 'default') return `user default on >${PASSWORD} ~* &* +@all`
      return `user ${name} on >${password(`user-${name}`)} ${rules.join(' ')}`
    })
    .join('\n')
}

function never(what: string): never {
  throw new Error(`there is no ${what}`)
}
