import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterProcess } from '../child/child-process.js'
import type { ContainerSpec, Probe } from '../manifests/objects.js'
import { ContainerProcess, type ExecResult, type Launch } from '../runtime/container-process.js'
import { check } from './check.js'
import { type ProbeResult, runProbe } from './probe-loop.js'

export interface ContainerSetup {
  readonly spec: ContainerSpec
  readonly cluster: ClusterProcess
  readonly address: string
  /** Made anew for each run: ConfigMaps that a variable comes from are read then. */
  readonly launch: (run: number) => Launch
  readonly restartPolicy: string
  readonly graceSeconds: number
  readonly say: (what: string) => void
  /** Something changed that others may look at. */
  readonly changed: () => void
}

/** The kubelet's: the first restart comes at once, the next ones after 10 s, 20 s … 5 min; forgotten after 10 min of running. */
const BACK_OFF_MS = { first: 10_000, most: 300_000, forgottenAfter: 600_000 }
/** What is left for SIGTERM when the hook has used up the grace period. */
const LEAST_TERM_MS = 2_000

/** One container of a pod through all of its runs. */
export class Container {
  readonly #setup: ContainerSetup
  #process: ContainerProcess | undefined
  #run = new AbortController()
  #stopping = false
  readonly #stopped = new AbortController()
  #startedProbe = false
  #readyProbe = false
  /** How many times it was started again. */
  restarts = 0
  /** The code of the last run that ended. */
  lastExit: number | undefined

  constructor(setup: ContainerSetup) {
    this.#setup = setup
  }

  get name(): string {
    return this.#setup.spec.name
  }

  get running(): boolean {
    return this.#process?.running === true
  }

  get started(): boolean {
    return this.running && this.#startedProbe
  }

  get ready(): boolean {
    return this.started && this.#readyProbe
  }

  get process(): ContainerProcess | undefined {
    return this.#process
  }

  /** Runs it, again and again where its policy says so; resolves with the exit code after which it stays ended. */
  async run(): Promise<number> {
    let backOff = 0
    for (;;) {
      const began = performance.now()
      const code = await this.#once()
      this.lastExit = code
      const { restartPolicy } = this.#setup
      const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && code !== 0)
      if (this.#stopping || !again) return code
      this.#setup.say(`container ${this.name} ended with ${code}${backOff > 0 ? `, waiting ${backOff / 1000} s` : ''}`)
      if (performance.now() - began > BACK_OFF_MS.forgottenAfter) backOff = 0
      await sleep(backOff, undefined, { signal: this.#stopped.signal }).catch(() => undefined)
      if (this.#isStopping()) return code
      backOff = backOff === 0 ? BACK_OFF_MS.first : Math.min(backOff * 2, BACK_OFF_MS.most)
      this.restarts += 1
    }
  }

  /** preStop, SIGTERM, and SIGKILL when the time is over. It is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    this.#stopped.abort()
    await this.#end(graceMs)
  }

  /** It is not started again, whenever and for whatever reason it ends. */
  leave(): void {
    this.#stopping = true
    this.#stopped.abort()
    this.#run.abort()
    // A frozen one could not be waited for.
    void this.#process?.signalAll('SIGCONT')
  }

  /** As when its first process crashes, or the kernel kills it for its memory. */
  async crash(): Promise<void> {
    await this.#process?.signal('SIGKILL')
    await this.#process?.exited
  }

  /** As `crash()`, and it stays so: its node has no power. */
  async powerOff(): Promise<void> {
    this.leave()
    await this.crash()
  }

  async exec(command: readonly string[], timeoutMs: number, input = ''): Promise<ExecResult> {
    if (this.#process === undefined || !this.running)
      return { code: 126, output: `container ${this.name} does not run` }
    return this.#process.exec(command, timeoutMs, input)
  }

  async #once(): Promise<number> {
    const { spec, launch, changed } = this.#setup
    this.#run = new AbortController()
    this.#startedProbe = spec.startupProbe === undefined
    this.#readyProbe = spec.readinessProbe === undefined
    this.#process = new ContainerProcess(launch(this.restarts))
    changed()
    this.#probe(spec.startupProbe, ({ ok, message }) => {
      if (!ok) this.#unhealthy('startup', message)
      else {
        this.#startedProbe = true
        this.#probeStarted()
        changed()
      }
      return 'stop'
    })
    if (this.#startedProbe) this.#probeStarted()
    const code = await this.#process.exited
    this.#run.abort()
    this.#readyProbe = false
    changed()
    return code
  }

  #probeStarted(): void {
    const { livenessProbe, readinessProbe } = this.#setup.spec
    this.#probe(livenessProbe, ({ ok, message }) => {
      if (ok || this.#stopping) return 'go on'
      this.#unhealthy('liveness', message)
      return 'stop'
    })
    this.#probe(readinessProbe, ({ ok, message }) => {
      if (ok !== this.#readyProbe) {
        this.#setup.say(ok ? `container ${this.name} is ready` : `container ${this.name} is not ready: ${message}`)
        this.#readyProbe = ok
        this.#setup.changed()
      }
      return 'go on'
    })
  }

  #probe(probe: Probe | undefined, onVerdict: (result: ProbeResult) => 'go on' | 'stop'): void {
    if (probe === undefined) return
    const { cluster, address, spec } = this.#setup
    const target = {
      cluster,
      address,
      spec,
      exec: (command: readonly string[], timeoutMs: number) => this.exec(command, timeoutMs)
    }
    void runProbe({
      probe,
      check: (timeoutMs) => check(target, probe, timeoutMs),
      onVerdict,
      signal: this.#run.signal
    })
  }

  #unhealthy(probe: string, message: string): void {
    this.#setup.say(`container ${this.name} is killed by its ${probe} probe: ${message}`)
    void this.#end(this.#setup.graceSeconds * 1000)
  }

  async #end(graceMs: number): Promise<void> {
    const process = this.#process
    if (process === undefined || !process.running) return
    const until = performance.now() + graceMs
    await Promise.race([this.#preStop(graceMs), process.exited])
    await process.signal('SIGTERM')
    const left = Math.max(until - performance.now(), graceMs > LEAST_TERM_MS ? LEAST_TERM_MS : 0)
    const killing = new AbortController()
    void sleep(left, undefined, { signal: killing.signal })
      .then(() => {
        this.#setup.say(`container ${this.name} is killed, ${graceMs / 1000} s after it was asked to end`)
        return process.signal('SIGKILL')
      })
      .catch(() => undefined)
    await process.exited
    killing.abort()
  }

  async #preStop(graceMs: number): Promise<void> {
    const hook = this.#setup.spec.lifecycle?.preStop
    if (hook === undefined) return
    if (hook.sleep !== undefined) {
      await sleep(Math.min(hook.sleep.seconds * 1000, graceMs))
      return
    }
    if (hook.exec === undefined) throw new Error(`container ${this.name}: the harness has preStop exec and sleep`)
    const began = performance.now()
    const { code, output } = await this.exec(hook.exec.command, graceMs)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    this.#setup.say(`container ${this.name}: preStop ended with ${code} after ${seconds} s ${output.trim()}`)
  }

  #isStopping(): boolean {
    return this.#stopping
  }
}
