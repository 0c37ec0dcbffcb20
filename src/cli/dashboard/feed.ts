import type {
  Call,
  FailoverReport,
  Message,
  NumberedHappening,
  Sample,
  State,
  TimelineReport,
  Told
} from './messages.js'
import { tellingCalls } from './telling-calls.js'

const SAMPLES = 600
const HAPPENINGS = 200
const TIMELINES = 20
/** Enough for the longest failover that is waited for, at a high load. */
const CALLS = 60_000
/** A page gets all timelines at once when it opens, with this many calls each: 200 kB. */
const CALLS_TOLD = 3_000
const BEFORE_MS = 1_000
const AFTER_MS = 2_000

/** What has been told to the pages, kept for those that come later, and the pages that listen. */
export class Feed {
  #state: State
  #samples: readonly Sample[] = []
  #happenings: readonly NumberedHappening[] = []
  #timelines: readonly TimelineReport[] = []
  readonly #calls: Call[] = []
  #lastId = 0
  readonly #listeners = new Set<(message: Message) => void>()

  constructor(state: State) {
    this.#state = state
  }

  get told(): Told {
    return {
      state: this.#state,
      samples: this.#samples,
      happenings: this.#happenings,
      timelines: this.#timelines
    }
  }

  /** Tells all that is known, at once, and then all that comes, until the function it returns is called. */
  listen(onMessage: (message: Message) => void): () => void {
    onMessage({ kind: 'hello', ...this.told })
    this.#listeners.add(onMessage)
    return () => this.#listeners.delete(onMessage)
  }

  state(state: State): void {
    this.#state = state
    this.#tell({ kind: 'state', state })
  }

  sample(sample: Sample): void {
    this.#samples = [...this.#samples, sample].slice(-SAMPLES)
    this.#tell({ kind: 'sample', sample })
  }

  happened(happening: Omit<NumberedHappening, 'id'>): void {
    const { at, event, text, isBad } = happening
    const numbered = { id: ++this.#lastId, at, event, text, isBad }
    this.#happenings = [...this.#happenings, numbered].slice(-HAPPENINGS)
    this.#tell({ kind: 'happening', happening: numbered })
  }

  called(call: Call): void {
    this.#calls.push(call)
    if (this.#calls.length > CALLS) this.#calls.splice(0, CALLS / 2)
  }

  /** Tells it now; `complete()` of what it returns tells it again with the calls that followed. */
  timeline(timeline: FailoverReport): { readonly complete: () => void } {
    const id = ++this.#lastId
    const report = (): TimelineReport => {
      const from = timeline.startedAt - BEFORE_MS
      const to = timeline.endedAt + AFTER_MS
      const calls = this.#calls.filter(({ at }) => at >= from && at <= to)
      return { ...timeline, id, calls: tellingCalls(calls, CALLS_TOLD), callsMade: calls.length }
    }
    const first = report()
    this.#timelines = [...this.#timelines, first].slice(-TIMELINES)
    this.#tell({ kind: 'timeline', timeline: first })
    return {
      complete: () => {
        if (!this.#timelines.some((other) => other.id === id)) return
        const whole = report()
        this.#timelines = this.#timelines.map((other) => (other.id === id ? whole : other))
        this.#tell({ kind: 'timeline', timeline: whole })
      }
    }
  }

  #tell(message: Message): void {
    for (const listener of this.#listeners) listener(message)
  }
}

/** How long after its end a timeline is complete: as long as calls made within reach of it may take to be answered. */
export const COMPLETE_AFTER_MS = AFTER_MS + 500
