import { setTimeout as delay } from 'node:timers/promises'
import {
  FaultUnavailableError,
  injectFault,
  partitionSupport,
  startTopology,
  type Fault,
  type InjectedFault,
  type LocalTopology
} from 'ioredis-sentinel/testkit'
import { describeEnvironment } from './environment.js'
import { computeFigures, settledAt } from './figures.js'
import { BETWEEN_WRITES, PROFILES } from './faults.js'
import type { DemoOptions } from './options.js'
import { ProgramProcess } from './program-process.js'
import type { RunResult } from './result.js'
import type { Screen } from '../../src/cli/screen.js'
import { statusLine } from './status-line.js'
import { SentinelEvents } from './sentinel-events.js'
import { mergeTimeline, type Moment } from '../../src/cli/report/moments.js'
import { judge, type ClientReport } from './verdict.js'
import { waitFor } from '../../src/cli/wait-for.js'

const GROUP = 'demo'
const KEY = 'demo:ledger'
const WRITER_ID = 'demo'
const STEADY_MS = 2000
const PROMOTION_TIMEOUT_MS = 60_000
const HEAL_TIMEOUT_MS = 60_000
/** Longer than the programs' own deadline (down-after + 20 s): a call that has not settled by then never will. */
const STOP_MARGIN_MS = 25_000

/**
 * One fault, from nothing to the verdict. Everything it started has ended when it returns or throws.
 *
 * @throws FaultUnavailableError before it starts anything, when this machine cannot do the fault.
 */
export async function runFault(
  fault: Fault,
  options: DemoOptions,
  screen: Screen,
  stop: AbortSignal
): Promise<RunResult> {
  if (PROFILES[fault].dropsPackets === true) {
    const support = await partitionSupport()
    if (!support.available) throw new FaultUnavailableError(support.reason)
  }
  screen.say(`${fault}: starting 1 primary, 2 replicas and 3 sentinels`)
  const topology = await startTopology({ name: GROUP, downAfterMs: options.downAfterMs })
  const programs: ProgramProcess[] = []
  const events = new SentinelEvents()
  try {
    stop.throwIfAborted()
    await events.listen(topology.sentinelAddresses)
    return await new Run(fault, options, screen, stop, topology, events, programs).run()
  } finally {
    screen.unfollow()
    events.stop()
    await Promise.all(programs.map((program) => program.stop(stop.aborted ? 2000 : 5000)))
    await topology.stop()
  }
}

class Run {
  readonly #profile
  readonly #writer: ProgramProcess
  readonly #reader: ProgramProcess
  readonly #moments: Moment[] = []
  readonly #trouble: string[] = []
  readonly #startedAt = Date.now()
  #phase = 'connecting'

  constructor(
    private readonly fault: Fault,
    private readonly options: DemoOptions,
    private readonly screen: Screen,
    private readonly signal: AbortSignal,
    private readonly topology: LocalTopology,
    private readonly events: SentinelEvents,
    programs: ProgramProcess[]
  ) {
    this.#profile = PROFILES[fault]
    const env = {
      REDIS_URL: topology.url,
      KEY,
      RATE: String(options.rate),
      GRACE_MS: String(options.downAfterMs + STOP_MARGIN_MS)
    }
    this.#writer = new ProgramProcess('writer', { ...env, WRITER_ID, KEEP: '0' })
    this.#reader = new ProgramProcess('reader', env)
    programs.push(this.#writer, this.#reader)
  }

  async run(): Promise<RunResult> {
    const { topology } = this
    this.screen.follow(() => statusLine(this.#phase, this.#writer, this.#reader))
    await this.#wait('both programs to be connected', 30_000, () => this.#writer.started && this.#reader.started)

    const watch = topology.watchPromotions((promotion) => {
      this.#note({ at: promotion.at, who: String(promotion.node), what: 'promotion', kind: 'promotion' })
    })
    this.#enter('steady traffic')
    await this.#flowFor(STEADY_MS)

    this.#enter(`fault: ${this.fault}`)
    const injected = await this.#inject()

    await this.#bear(
      () => watch.promotions.length,
      async () => {
        this.#enter('healing')
        await injected.heal()
        await topology.settled(HEAL_TIMEOUT_MS)
        const at = Date.now()
        const detail = `every other node follows ${String(await topology.primary())}, and all sentinels agree`
        this.#note({ at, who: 'demo', what: 'healed', detail, kind: 'healed' })
      }
    )
    this.#enter('steady traffic')
    await this.#flowFor(Math.max(STEADY_MS, this.options.durationMs - (Date.now() - this.#startedAt)))

    this.#enter('stopping')
    await Promise.all([this.#stop(this.#writer), this.#stop(this.#reader)])
    watch.stop()
    this.events.stop()
    this.screen.unfollow()
    return this.#conclude(
      injected,
      watch.promotions.map((promotion) => promotion.at)
    )
  }

  async #inject(): Promise<InjectedFault> {
    const { fault, topology } = this
    if (this.#profile.betweenWrites !== true) return this.#noteFault(await injectFault(topology, fault))
    this.#writer.askForQuiet()
    await this.#wait('the writer to be between two writes', 10_000, () => this.#writer.pause.quietAt !== undefined)
    const injected = await injectFault(topology, fault)
    return this.#noteFault({ ...injected, description: `${injected.description}, ${BETWEEN_WRITES}` })
  }

  #noteFault(injected: InjectedFault): InjectedFault {
    const { at, description } = injected
    this.#note({ at, who: 'demo', what: `fault: ${this.fault}`, detail: description, kind: 'fault' })
    return injected
  }

  /** Waits for what the fault must lead to, heals it, and tells as trouble what did not come. */
  async #bear(promotions: () => number, heal: () => Promise<void>): Promise<void> {
    try {
      if (this.#profile.promotes) {
        await this.#wait('a promotion', PROMOTION_TIMEOUT_MS, () => promotions() > 0)
        this.#enter('new primary')
        await this.#flowFor(1000)
      } else {
        await this.#flowFor(this.options.downAfterMs + 1500)
      }
      await heal()
    } catch (error) {
      this.signal.throwIfAborted()
      this.#trouble.push((error as Error).message)
      await heal().catch((failure: unknown) => this.#trouble.push(`not healed: ${(failure as Error).message}`))
    }
  }

  /** So long, and until writes and reads have been answered in that time. */
  async #flowFor(ms: number): Promise<void> {
    const since = Date.now()
    await delay(ms, undefined, { signal: this.signal })
    const flows = (program: ProgramProcess): boolean =>
      program.records.some(
        (record) => record.outcome === 'ok' && record.kind !== 'heartbeat' && settledAt(record) > since
      )
    await this.#wait('writes and reads to flow', 60_000, () => flows(this.#writer) && flows(this.#reader))
  }

  async #stop(program: ProgramProcess): Promise<void> {
    await program.stop(this.options.downAfterMs + STOP_MARGIN_MS + 5000)
    if (program.trouble !== undefined) this.#trouble.push(program.trouble)
  }

  async #conclude(injected: InjectedFault, promotions: readonly number[]): Promise<RunResult> {
    const primary = await this.topology.primary()
    const list = (await primary.command('LRANGE', KEY, '0', '-1')) as string[]
    const records = [...this.#writer.records, ...this.#reader.records]
    const promotedAt = promotions[0]
    const figures = computeFigures({
      records,
      issued: { ...this.#writer.issued, ...this.#reader.issued },
      list: list.map(String),
      writerId: WRITER_ID,
      ...(promotedAt !== undefined && { promotedAt })
    })
    if (this.#profile.promotes && figures.writes.firstAckAt !== undefined) {
      const at = figures.writes.firstAckAt
      this.#moments.push({ at, who: 'writer', what: 'first ack after it', kind: 'first-ack' })
    }
    const { quietAt, goesOnAt } = this.#writer.pause
    if (quietAt !== undefined) {
      this.#moments.push({
        at: quietAt,
        who: 'writer',
        what: 'writer pauses',
        detail: 'nothing of it is on the wire',
        kind: 'pause'
      })
    }
    if (goesOnAt !== undefined) {
      this.#moments.push({
        at: goesOnAt,
        who: 'writer',
        what: 'writer goes on',
        detail: 'its client has lost the connection'
      })
    }
    const { fault, options } = this
    const profile = this.#profile
    return {
      fault,
      profile,
      rate: options.rate,
      faultAt: injected.at,
      description: injected.description,
      records,
      moments: mergeTimeline([...this.#moments, ...this.events.moments], this.#writer.timelines),
      figures,
      verdict: judge({
        name: fault,
        profile,
        rate: options.rate,
        figures,
        promotions: promotions.length,
        ...clientReport(this.#writer),
        trouble: this.#trouble
      }),
      environment: await describeEnvironment(primary, options, fault, [this.#writer, this.#reader]),
      logs: [this.#writer, this.#reader].map((program) => ({ program: program.name, lines: program.logLines }))
    }
  }

  #enter(phase: string): void {
    this.#phase = phase
  }

  #note(moment: Moment): void {
    this.#moments.push(moment)
    const detail = moment.detail === undefined ? '' : ` (${moment.detail})`
    this.screen.say(`${new Date(moment.at).toISOString().slice(11, 23)}  ${moment.who}: ${moment.what}${detail}`)
  }

  async #wait(what: string, timeoutMs: number, condition: () => boolean): Promise<void> {
    await waitFor(what, timeoutMs, this.signal, () => {
      const trouble = this.#writer.trouble ?? this.#reader.trouble
      if (trouble !== undefined) throw new Error(trouble)
      return condition()
    })
  }
}

function clientReport({ stats, timelines }: ProgramProcess): { readonly client?: ClientReport } {
  if (stats === undefined) return {}
  const { heldTotal: held, retried } = stats
  if (timelines.length === 0) return { client: { held, retried } }
  return { client: { held, retried, longestHoldMs: Math.max(...timelines.map((one) => one.longestHoldMs)) } }
}
