import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Guardian } from '../../../src/testkit/guardian.js'
import { ClusterProcess } from './child/child-process.js'
import { Claims, claimsOf } from './control/claims.js'
import { reconcileDeployment } from './control/deployment.js'
import { endpointsOf } from './control/endpoints.js'
import { reconcileJob } from './control/job.js'
import { policyRules } from './control/network-policy.js'
import { ObjectStore } from './control/object-store.js'
import type { NewPod, PodControl } from './control/pods.js'
import { chooseNode } from './control/scheduler.js'
import { reconcileStatefulSet } from './control/stateful-set.js'
import { type DnsMode, type DnsTimes, KUBEADM_TIMES } from './dns/records.js'
import { EventLog } from './event-log.js'
import { Pod, type PodHost, type PodSetup } from './kubelet/pod.js'
import { LATENCIES, type Latencies } from './latencies.js'
import { unknownFields } from './manifests/known-fields.js'
import type {
  Deployment,
  Job,
  KubernetesObject,
  NetworkPolicy,
  PodObject,
  Service,
  StatefulSet
} from './manifests/objects.js'
import { ClusterNetwork, DNS_ADDRESS } from './network/cluster-network.js'

export interface ClusterOptions {
  /** Default 3. They are called node-1, node-2 … */
  readonly nodes?: number
  /** Default: as kubeadm configures CoreDNS, 30 s each. */
  readonly dnsTimes?: DnsTimes
  readonly latencies?: Partial<Latencies>
}

/** Without an owner it is nobody's who would make it again; a node given is the one it is on, whatever is there. */
type WantedPod = Omit<NewPod, 'owner' | 'revision'> & Partial<NewPod> & { readonly node?: number }

const RECONCILE_EVERY_MS = 100

/** A cluster of processes: one network, its nodes, the objects of one namespace and the controllers that obey them. */
export class Cluster {
  readonly objects = new ObjectStore()
  readonly events = new EventLog()
  readonly claims: Claims
  readonly latencies: Latencies
  readonly nodeCount: number
  /** Nodes that take no new pods. */
  readonly closedNodes = new Set<number>()
  readonly network: ClusterNetwork
  readonly process: ClusterProcess
  readonly directory: string
  /** How much longer a pod of this name takes to start, for orders of starting. */
  startDelayMs: (pod: string) => number = () => 0
  readonly #guardian: Guardian
  readonly #pods: Pod[] = []
  readonly #indexes = new Map<number, number>()
  readonly #virtual = new Map<string, string>()
  readonly #timer: NodeJS.Timeout
  #published = ''
  #dirty = false
  #namespace = 'default'
  #uids = 0
  #ended = false

  private constructor(process: ClusterProcess, directory: string, guardian: Guardian, options: ClusterOptions) {
    this.process = process
    this.directory = directory
    this.#guardian = guardian
    this.network = new ClusterNetwork(process.pid)
    this.nodeCount = options.nodes ?? 3
    this.latencies = { ...LATENCIES, ...options.latencies }
    this.claims = new Claims(join(directory, 'claims'))
    this.#timer = setInterval(() => {
      this.#reconcile()
    }, RECONCILE_EVERY_MS)
  }

  /** @throws Error where there is no root, no Linux or no iproute2: ask `whyNoCluster()` before. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-kubernetes-')))
    const guardian = new Guardian(directory)
    mkdirSync(join(directory, 'logs'))
    const log = openSync(join(directory, 'logs', 'cluster.log'), 'a')
    try {
      const process = await ClusterProcess.start(DNS_ADDRESS, options.dnsTimes ?? KUBEADM_TIMES, log, async (pid) => {
        guardian.addPid(pid)
        await new ClusterNetwork(pid).begin()
      })
      return new Cluster(process, directory, guardian, options)
    } finally {
      closeSync(log)
    }
  }

  get namespace(): string {
    return this.#namespace
  }

  /** Those whose object is there, in the order of their names; ending ones too. */
  get pods(): readonly Pod[] {
    return this.#pods.filter(({ deleted }) => !deleted).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** @throws Error that names the pods that are there. */
  pod(name: string): Pod {
    const found = this.pods.find((pod) => pod.name === name)
    if (found === undefined) throw new Error(`there is no pod ${name}; there is ${this.pods.join(', ') || 'none'}`)
    return found
  }

  /** As `kubectl apply`: new ones are made, those that are there take the new form. */
  apply(objects: readonly KubernetesObject[]): void {
    const unknown = unknownFields(objects)
    if (unknown.length > 0)
      throw new Error(
        `the harness does not know, and so would ignore: ${unknown.join('; ')} (manifests/known-fields.ts)`
      )
    for (const object of objects) {
      const { namespace } = object.metadata
      if (namespace !== undefined) this.#namespace = namespace
      if (object.kind === 'Pod') this.#createOwnerless(object as PodObject)
      else this.objects.put(object)
    }
    if (objects.some(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')) this.#updateVolumes()
    this.#reconcile()
  }

  readonly control: PodControl = {
    owned: (owner) => this.pods.filter(({ setup }) => setup.owner === owner),
    create: (pod) => {
      this.createPod(pod)
    },
    remove: (pod) => {
      void this.deletePod(pod)
    },
    removeClaim: (claim) => {
      this.claims.remove(claim)
    }
  }

  /** Undefined when no node takes it: it is looked for again later. */
  createPod(wanted: WantedPod, extras?: PodSetup['extras']): Pod | undefined {
    const claims = claimsOf(wanted.spec)
    const bound = claims.map((claim) => this.claims.node(claim)).find((node) => node !== undefined)
    const node =
      wanted.node ?? chooseNode(wanted, this.pods, { count: this.nodeCount, closed: this.closedNodes }, bound)
    if (node === undefined) {
      this.events.sayOnce(`pod ${wanted.name} is Pending: no node takes it`)
      return undefined
    }
    for (const claim of claims) this.claims.bind(claim, node)
    this.#uids += 1
    const startDelayMs = this.startDelayMs(wanted.name)
    const setup = { ...wanted, startDelayMs, namespace: this.#namespace, uid: `${wanted.name}-${this.#uids}`, node }
    const pod = new Pod(extras === undefined ? setup : { ...setup, extras }, this.#host)
    this.#pods.push(pod)
    pod.start()
    return pod
  }

  /** As `kubectl delete pod`; resolves when its object is gone. `forced`: its object goes at once, its processes a little later. */
  async deletePod(pod: Pod, { forced = false } = {}): Promise<void> {
    const { forcedEndMs, podRemovalMs } = this.latencies
    pod.say(forced ? 'is deleted by force' : 'is asked to end')
    const grace = forced ? forcedEndMs : (pod.setup.spec.terminationGracePeriodSeconds ?? 30) * 1000
    const gone = pod.terminate(grace)
    if (forced) {
      pod.deleted = true
      this.#host.changed()
      await gone
      return
    }
    await gone
    await delay(podRemovalMs)
    pod.deleted = true
    this.#host.changed()
  }

  #createOwnerless({ metadata, spec }: PodObject): void {
    const { name, labels = {}, annotations = {} } = metadata
    if (this.pods.some((pod) => pod.name === name)) throw new Error(`there is a pod ${name} already`)
    this.createPod({ name, labels, annotations, spec })
  }

  setDnsMode(mode: DnsMode): Promise<void> {
    this.events.say(`DNS: ${JSON.stringify(mode)}`)
    return this.process.call('setDnsMode', mode)
  }

  setDnsTimes(times: DnsTimes): Promise<void> {
    this.events.say(`DNS answers are kept for ${times.cacheSeconds} s`)
    return this.process.call('setDnsTimes', times)
  }

  /** Ends every process of it and removes all it made. */
  async stop(): Promise<void> {
    this.#ended = true
    clearInterval(this.#timer)
    for (const pod of this.#pods) pod.leave()
    await this.process.end()
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 })
    await this.#guardian.release()
  }

  readonly #host: PodHost = this.#makeHost()

  #makeHost(): PodHost {
    const nextIndex = (node: number): number => {
      const index = (this.#indexes.get(node) ?? 0) + 1
      this.#indexes.set(node, index)
      return index
    }
    const claimFolder = (claim: string): string => this.claims.folder(claim)
    const cluster = (): Cluster => this
    return {
      get process() {
        return cluster().process
      },
      get network() {
        return cluster().network
      },
      get directory() {
        return cluster().directory
      },
      get latencies() {
        return cluster().latencies
      },
      configMap: (name) => this.objects.configMap(name),
      secret: (name) => this.objects.secret(name),
      claimFolder,
      nextIndex,
      say: (what) => {
        this.events.say(what)
      },
      changed: () => {
        this.#dirty = true
      }
    }
  }

  #reconcile(): void {
    if (this.#ended) return
    for (const set of this.objects.all<StatefulSet>('StatefulSet')) reconcileStatefulSet(set, this.control)
    for (const each of this.objects.all<Deployment>('Deployment')) reconcileDeployment(each, this.control)
    for (const job of this.objects.all<Job>('Job')) reconcileJob(job, this.control)
    if (this.#dirty) {
      this.#dirty = false
      setTimeout(() => {
        this.#publish()
      }, this.latencies.endpointsMs)
    }
  }

  #publish(): void {
    if (this.#ended) return
    const services = this.objects.all<Service>('Service')
    const { records, virtual } = endpointsOf(services, this.pods, this.#namespace, (name) => this.#virtualAddress(name))
    const policies = policyRules(this.objects.all<NetworkPolicy>('NetworkPolicy'), this.pods)
    const published = JSON.stringify([records, virtual, policies])
    if (published === this.#published) return
    this.#published = published
    const failed = (error: unknown): void => {
      if (!this.#ended) this.events.say(`endpoints: ${String(error)}`)
    }
    this.process.call('setRecords', records).catch(failed)
    this.network.setVirtualAddresses(virtual).catch(failed)
    this.network.setPolicies(policies).catch(failed)
  }

  #virtualAddress(service: string): string {
    const address = this.#virtual.get(service) ?? `10.96.2.${this.#virtual.size + 1}`
    this.#virtual.set(service, address)
    return address
  }

  #updateVolumes(): void {
    setTimeout(() => {
      for (const pod of this.pods) pod.refreshVolumes()
    }, this.latencies.volumeUpdateMs)
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
