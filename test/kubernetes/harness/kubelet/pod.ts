import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterProcess } from '../child/child-process.js'
import type { ContainerSpec, PodSpec, Words } from '../manifests/objects.js'
import { type ClusterNetwork, podAddress } from '../network/cluster-network.js'
import { environmentOf, expand } from '../runtime/environment.js'
import { resolvConf } from '../runtime/resolv-conf.js'
import type { Bind } from '../runtime/root-filesystem.js'
import { type Sandbox, startSandbox } from '../runtime/sandbox.js'
import { userOf } from '../runtime/user.js'
import { MissingReferenceError, type References } from '../runtime/volume-files.js'
import type { Latencies } from '../latencies.js'
import { Container } from './container.js'
import { PodVolumes } from './volumes.js'

/** What the cluster gives a pod. */
export interface PodHost {
  readonly process: ClusterProcess
  readonly network: ClusterNetwork
  readonly directory: string
  readonly latencies: Latencies
  configMap: References['configMap']
  secret: References['secret']
  claimFolder(claim: string): string
  nextIndex(node: number): number
  say(what: string): void
  changed(): void
}

export interface PodSetup {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly labels: Words
  readonly annotations: Words
  readonly spec: PodSpec
  /** The kind and name of what made it. */
  readonly owner?: string
  readonly revision?: string
  readonly node: number
  /** Longer than others take: a slow image, a volume that comes late. */
  readonly startDelayMs: number
  /** Of the harness's own pods: more of this machine is mounted, and the first container's streams are pipes. */
  readonly extras?: { readonly binds: readonly Bind[]; readonly piped: boolean }
}

/** One pod from its binding to a node to the end of its last process. */
export class Pod {
  readonly setup: PodSetup
  readonly #host: PodHost
  readonly #end = new AbortController()
  #sandbox: Sandbox | undefined
  #volumes: PodVolumes | undefined
  #initialized = false
  #unheard: { readonly address: string | undefined; readonly ready: boolean } | undefined
  #terminating: Promise<void> | undefined
  #work: Promise<void> = Promise.resolve()
  containers: readonly Container[] = []
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' = 'Pending'
  /** It does not count any more: its API object is deleted. */
  deleted = false

  constructor(setup: PodSetup, host: PodHost) {
    this.setup = setup
    this.#host = host
  }

  get name(): string {
    return this.setup.name
  }

  /** As the API server knows it. */
  get address(): string | undefined {
    return this.#unheard === undefined ? this.#sandbox?.address : this.#unheard.address
  }

  get terminating(): boolean {
    return this.#terminating !== undefined
  }

  /** As the API server knows it. */
  get ready(): boolean {
    if (this.#unheard !== undefined) return this.#unheard.ready
    return this.phase === 'Running' && this.#initialized && this.containers.every((container) => container.ready)
  }

  get restarts(): number {
    return this.containers.reduce((sum, { restarts }) => sum + restarts, 0)
  }

  start(): void {
    this.#work = this.#run().catch((error: unknown) => {
      if (this.#end.signal.aborted) return
      this.phase = 'Failed'
      this.say(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      this.#host.changed()
    })
  }

  /** preStop, SIGTERM, grace, SIGKILL for all containers at once. Resolves when nothing of it is left. */
  terminate(graceMs: number): Promise<void> {
    this.#terminating ??= this.#terminate(graceMs)
    this.#host.changed()
    return this.#terminating
  }

  /** The API server hears nothing of its node any more: what it knew last holds, but for readiness after a while. */
  nodeUnheard(unheard: 'since now' | 'for long' | 'no more'): void {
    if (unheard === 'no more') this.#unheard = undefined
    else this.#unheard = { address: this.address, ready: unheard === 'since now' && this.ready }
    this.#host.changed()
  }

  /** Its node loses power: nobody it was connected to hears of it. It can be started again by `start()`. */
  async powerOff(): Promise<void> {
    const sandbox = this.#sandbox
    this.#sandbox = undefined
    this.#initialized = false
    await sandbox?.cutLink()
    await Promise.all(this.containers.map((container) => container.powerOff()))
    await sandbox?.end()
    await this.#work
    // What is in memory is gone, what is on the node's disk is not.
    this.#volumes?.forgetMemory()
  }

  /** The cluster ends: whatever befalls its processes now is no event of the pod. */
  leave(): void {
    this.#end.abort()
    for (const container of this.containers) container.leave()
  }

  container(name?: string): Container {
    const found = name === undefined ? this.containers[0] : this.containers.find((each) => each.name === name)
    if (found === undefined) throw new Error(`pod ${this.name} has no container ${name ?? ''} that runs`)
    return found
  }

  /** What ConfigMaps and Secrets hold now comes into its volumes. */
  refreshVolumes(): void {
    if (!this.#end.signal.aborted) this.#volumes?.refresh()
  }

  /** The folder on this machine that a volume of it is. */
  volumeFolder(name: string): string {
    if (this.#volumes === undefined) throw new Error(`pod ${this.name} has no volumes yet`)
    return this.#volumes.folder(name)
  }

  logFile(container: string): string {
    return join(this.#host.directory, 'logs', `${this.name}.${this.setup.uid}.${container}.log`)
  }

  toString(): string {
    return this.name
  }

  say(what: string): void {
    this.#host.say(`pod ${this.name} ${what}`)
  }

  async #run(): Promise<void> {
    const { spec, node } = this.setup
    const { directory, latencies, process, network } = this.#host
    const { signal } = this.#end
    await sleep(latencies.podStartMs + this.setup.startDelayMs, undefined, { signal })
    mkdirSync(join(directory, 'logs'), { recursive: true })
    // A new sandbox has a new address, also when a node comes back.
    const index = this.#host.nextIndex(node)
    const link = `p${node}x${index}`
    const sandbox = await startSandbox(
      { pid: process.pid, network },
      {
        address: podAddress(node, index),
        link,
        hostname: spec.hostname ?? this.name,
        sharesProcesses: spec.shareProcessNamespace ?? false
      }
    )
    this.#sandbox = sandbox
    this.#host.changed()
    this.#volumes ??= await this.#makeVolumes()
    for (const init of spec.initContainers ?? []) {
      if (init.restartPolicy === 'Always') throw new Error(`${init.name}: the harness has no sidecar init containers`)
      const policy = spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure'
      const container = this.#container(init, sandbox, policy)
      this.containers = [container]
      const code = await container.run()
      if (signal.aborted) return
      if (code !== 0) throw new Error(`init container ${init.name} ended with ${code}`)
    }
    if (signal.aborted) return
    this.containers = spec.containers.map((each) => this.#container(each, sandbox, spec.restartPolicy ?? 'Always'))
    const ends = this.containers.map((container) => container.run())
    this.#initialized = true
    this.phase = 'Running'
    this.say(`runs at ${sandbox.address} on node-${node}`)
    this.#host.changed()
    const codes = await Promise.all(ends)
    if (signal.aborted || this.#sandbox === undefined) return
    this.phase = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed'
    this.#host.changed()
  }

  async #makeVolumes(): Promise<PodVolumes> {
    let told = ''
    for (;;) {
      try {
        const folder = join(this.#host.directory, 'pods', this.setup.uid, 'volumes')
        return new PodVolumes(folder, this.setup.spec, this.#references(), (claim) => this.#host.claimFolder(claim))
      } catch (error) {
        if (!(error instanceof MissingReferenceError)) throw error
        if (told !== error.message) this.say(`cannot mount its volumes: ${error.message}`)
        told = error.message
        await sleep(1000, undefined, { signal: this.#end.signal })
      }
    }
  }

  #container(spec: ContainerSpec, sandbox: Sandbox, restartPolicy: string): Container {
    const { setup } = this
    const hostname = setup.spec.hostname ?? setup.name
    const volumes = this.#volumes
    if (volumes === undefined) throw new Error('volumes come before containers')
    return new Container({
      spec,
      cluster: this.#host.process,
      address: sandbox.address,
      restartPolicy,
      graceSeconds: setup.spec.terminationGracePeriodSeconds ?? 30,
      say: (what) => {
        this.say(what)
      },
      changed: () => {
        this.#host.changed()
      },
      launch: () => {
        const env = environmentOf(spec, setup.spec, hostname, this.#references())
        const words = [...(spec.command ?? []), ...(spec.args ?? [])]
        return {
          sandbox,
          root: join(this.#host.directory, 'pods', setup.uid, 'roots', spec.name),
          files: { hostname, address: sandbox.address, resolvConf: resolvConf(setup.spec, setup.namespace) },
          binds: [...volumes.binds(spec), ...(setup.extras?.binds ?? [])],
          readOnlyRoot: spec.securityContext?.readOnlyRootFilesystem ?? false,
          user: userOf(spec, setup.spec),
          env,
          workingDirectory: spec.workingDir ?? '/',
          command: words.map((word) => expand(word, env)),
          logFile: this.logFile(spec.name),
          piped: setup.extras?.piped ?? false
        }
      }
    })
  }

  #references(): References {
    const { name, namespace, uid, labels, annotations, node } = this.setup
    return {
      configMap: (wanted) => this.#host.configMap(wanted),
      secret: (wanted) => this.#host.secret(wanted),
      field: (path) => {
        const fields: Record<string, string | undefined> = {
          'metadata.name': name,
          'metadata.namespace': namespace,
          'metadata.uid': uid,
          'spec.nodeName': `node-${node}`,
          'status.podIP': this.#sandbox?.address,
          'status.podIPs': this.#sandbox?.address,
          'status.hostIP': `10.96.1.${node}`
        }
        const [, kind, key = ''] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? []
        const value = kind === undefined ? fields[path] : (kind === 'labels' ? labels : annotations)[key]
        if (value === undefined) throw new Error(`fieldRef ${path}: the harness does not have it`)
        return value
      }
    }
  }

  async #terminate(graceMs: number): Promise<void> {
    this.#end.abort()
    await Promise.all(this.containers.map((container) => container.stop(graceMs)))
    await this.#work
    await this.#sandbox?.end()
    rmSync(join(this.#host.directory, 'pods', this.setup.uid), { recursive: true, force: true, maxRetries: 5 })
    this.say('is gone')
  }
}
