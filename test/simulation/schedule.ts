import { Clock } from './clock.js'
import { Faults } from './faults.js'
import { Knowledge } from './knowledge.js'
import type { Violation } from './ledger.js'
import { Random } from './random.js'
import type { SimClient } from './workload.js'
import { Workload } from './workload.js'
import type { ReducePolicy } from '../../src/topology/state.js'
import { drawSettings } from './world/settings.js'
import { Story, World } from './world/world.js'

/** What came of one schedule. */
export interface Outcome {
  readonly seed: number
  readonly violations: readonly Violation[]
  /** Of all that happened, in order. */
  readonly hash: string
  readonly lastLines: readonly string[]
  readonly virtualMs: number
  readonly events: number
  readonly failovers: number
  readonly writes: number
  readonly acked: number
  readonly unknown: number
  /** Acknowledged, and not in the history that survives. */
  readonly lost: number
  /** The world itself did not come to rest in time, so liveness was not judged. */
  readonly restless: boolean
}

export interface ScheduleOptions {
  /** How many of the last lines are kept; all of them for a replay. */
  readonly keepLines: number
  /** After these, a claim that could not be verified is set aside, and an unconfirmed promotion is doubted. */
  readonly confirmWithinMs: number
  /** With the world at rest for this long, writes must flow, and the client must be at rest too. */
  readonly flowWithinMs: number
}

/** A world that does not come to rest within this says nothing about the client. */
const REST_WITHIN_MS = 15_000
const CALM_WITHIN_MS = 3_000
const LOOK_EVERY_MS = 25

/** One schedule, made from its seed; a runner makes its time pass. */
export class Schedule {
  readonly seed: number
  readonly world: World
  readonly clock = new Clock()
  readonly random: Random
  readonly knowledge: Knowledge
  readonly policy: ReducePolicy
  readonly #options: ScheduleOptions
  readonly #faults: Faults
  readonly #faultsForMs: number
  #workload: Workload | undefined
  #client: SimClient | undefined
  #restingSince: number | undefined
  #flowingSince: number | undefined
  #calmSince: number | undefined
  #healedAt = 0
  #probe: ReturnType<Workload['probe']> | undefined
  #restless = false
  events = 0
  over = false

  constructor(seed: number, options: ScheduleOptions) {
    this.seed = seed
    this.#options = options
    const random = new Random(seed)
    this.random = new Random(seed + 0x5eed)
    this.world = new World(this.clock, random, drawSettings(random), new Story(options.keepLines))
    const promotion = random.weighted({ fast: 6, confirmed: 2, strict: 2 })
    this.policy = { promotion, confirmWithinMs: options.confirmWithinMs }
    this.knowledge = new Knowledge(this.world, this.policy)
    this.#faults = new Faults(this.world, random)
    this.#faultsForMs = random.between(500, 1_600)
    this.world.note(`seed ${seed}: ${promotion}, ${JSON.stringify(this.world.settings)}`)
  }

  begin(client: SimClient): void {
    this.#client = client
    client.start()
    this.#workload = new Workload(this.world, new Random(this.seed + 0xab1e), client)
    this.#workload.begin()
    this.#faults.plan(this.#faultsForMs)
    this.clock.schedule(this.#faultsForMs, () => {
      this.#faults.heal()
      this.#healedAt = this.clock.now
      this.#look()
    })
  }

  outcome(): Outcome {
    const { ledger, story } = this.world
    return {
      seed: this.seed,
      violations: ledger.violations,
      hash: story.hash,
      lastLines: story.lines,
      virtualMs: this.clock.now,
      events: this.events,
      failovers: this.world.ruler.reign.epoch,
      writes: ledger.operations.length,
      acked: ledger.acked,
      unknown: ledger.unknown,
      lost: ledger.lost,
      restless: this.#restless
    }
  }

  /** Waits until the world is at rest, the writes flow, and everything has settled. */
  #look(): void {
    const { world, clock } = this
    const { now } = clock
    if (!world.settled) {
      this.#restingSince = undefined
      if (now - this.#healedAt > REST_WITHIN_MS) {
        this.#restless = true
        this.#end()
        return
      }
    } else {
      this.#restingSince ??= now
      this.#probe ??= this.#workload?.probe()
      const flows = this.#probe?.outcome === 'acked'
      if (this.#probe?.outcome !== undefined && !flows) this.#probe = undefined
      if (flows) {
        if (this.#workload !== undefined) this.#workload.stopped = true
        if (world.ledger.unsettled === 0 && this.#isAtRest(now)) {
          world.ledger.closeBooks()
          this.#end()
          return
        }
      } else if (now - this.#restingSince > this.#options.flowWithinMs) {
        world.ledger.violate(
          'flow',
          `no write is acknowledged ${this.#options.flowWithinMs} ms after the world came to rest`
        )
        this.#end()
        return
      }
      if (world.ledger.violations.length > 0) {
        this.#end()
        return
      }
    }
    clock.schedule(LOOK_EVERY_MS, () => {
      this.#look()
    })
  }

  /** So does the client, or had time enough; a world that does not come to rest says nothing about it. */
  #isAtRest(now: number): boolean {
    const { world, knowledge } = this
    this.#flowingSince ??= now
    if (!world.calm) {
      this.#calmSince = undefined
      return now - this.#flowingSince > CALM_WITHIN_MS
    }
    this.#calmSince ??= now
    if (knowledge.phase === 'stable') return true
    const { flowWithinMs } = this.#options
    if (now - this.#calmSince <= flowWithinMs) return false
    world.ledger.violate('rest', `phase ${knowledge.phase} ${flowWithinMs} ms after the world came to rest`)
    return true
  }

  #end(): void {
    this.#client?.close()
    this.over = true
  }
}
