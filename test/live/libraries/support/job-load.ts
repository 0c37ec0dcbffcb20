import type { Job, WorkerOptions } from 'bullmq'
import { FlowProducer, Queue, Worker } from 'bullmq'
import type { SentinelRedis } from 'ioredis-sentinel'
import { eventually } from '../../support/server-view.js'
import { expect } from 'vitest'
import { repeatUnknown } from './repeat-unknown.js'

const ADD_EVERY_MS = 10
const DELAY_MS = 300
const SCHEDULE_EVERY_MS = 200
const CHILDREN = 2
/** Per `LIMIT_MS`, of the limited queue. */
export const LIMIT = 10
export const LIMIT_MS = 100

/** Jobs whose lock is lost are done again; BullMQ's own 30 s are too long to wait for. */
export const QUICK_STALLS = { lockDuration: 3_000, stalledInterval: 500, maxStalledCount: 1_000 }

/** Adds jobs of all kinds without pause and works them off, by one connection, and counts what was done. */
export class JobLoad {
  /** How often the job of each id was begun. */
  readonly done = new Map<string, number>()
  /** What the workers reported, and how often. */
  readonly errors = new Map<string, number>()
  /** What is wrong whatever happens. */
  readonly wrong: string[] = []
  stalled = 0
  readonly #accepted = new Set<string>()
  readonly #attempts: number
  readonly #queue: Queue
  readonly #limited: Queue
  readonly #flows: FlowProducer
  readonly #workers: readonly [Worker, Worker]
  #adding = new Set<Promise<unknown>>()
  #timer: NodeJS.Timeout | undefined
  #count = 0
  #ticks = 0

  /** A job is given up after so many attempts. */
  constructor(connection: SentinelRedis, name: string, attempts = 1, stalls: Partial<WorkerOptions> = {}) {
    this.#attempts = attempts
    const defaultJobOptions = { attempts }
    this.#queue = new Queue(name, { connection, defaultJobOptions })
    this.#limited = new Queue(`${name}-limited`, { connection, defaultJobOptions })
    this.#flows = new FlowProducer({ connection })
    const options = { connection, concurrency: 10, ...stalls }
    this.#workers = [
      new Worker(name, (job) => this.#work(job), options),
      new Worker(`${name}-limited`, (job) => this.#work(job), {
        ...options,
        limiter: { max: LIMIT, duration: LIMIT_MS }
      })
    ]
    for (const worker of this.#workers) {
      worker.on('error', ({ name: kind, message }) => {
        const what = `${kind}: ${message.slice(0, 60)}`
        this.errors.set(what, (this.errors.get(what) ?? 0) + 1)
      })
      worker.on('stalled', () => (this.stalled += 1))
      worker.on('failed', (job, { message }) => {
        if (job === undefined || job.attemptsMade >= attempts) this.wrong.push(`${job?.id} failed: ${message}`)
      })
    }
  }

  get accepted(): number {
    return this.#accepted.size
  }

  /** Jobs that were accepted and not done yet. */
  get open(): string[] {
    return [...this.#accepted].filter((id) => !this.done.has(id))
  }

  get repeated(): string[] {
    return [...this.done].filter(([, times]) => times > 1).map(([id]) => id)
  }

  async start(): Promise<void> {
    await this.schedule()
    this.#timer = setInterval(() => {
      this.#addNext()
    }, ADD_EVERY_MS)
  }

  /** Makes the scheduler, or leaves the one that there is. */
  async schedule(): Promise<void> {
    const opts = { attempts: this.#attempts }
    await repeatUnknown(() =>
      this.#queue.upsertJobScheduler('tick', { every: SCHEDULE_EVERY_MS }, { name: 'tick', opts })
    )
  }

  /** Resolves when more jobs of every kind have been accepted and done, and the scheduler has come round. */
  async goesOn(): Promise<void> {
    const [ticks, accepted] = [this.#ticks, this.accepted]
    await eventually(() => {
      expect(this.#ticks, this.#state()).toBeGreaterThan(ticks + 1)
      expect(this.accepted, this.#state()).toBeGreaterThan(accepted + 50)
      expect(this.open.length, this.#state()).toBeLessThan(100)
    }, 20_000)
  }

  /** How long the worker of the limited queue took from the first to the last of so many jobs that were there at once, in milliseconds. */
  async burst(jobs: number): Promise<number> {
    const ids = Array.from({ length: jobs }, (_, index) => `burst-${index}`)
    await this.#limited.addBulk(ids.map((id) => ({ name: 'burst', data: {}, opts: { jobId: id } })))
    await eventually(() => {
      expect(ids.filter((id) => !this.done.has(id))).toEqual([])
    })
    const found = await Promise.all(ids.map((id) => this.#limited.getJob(id) as Promise<Job>))
    const begun = found.map(({ processedOn = 0 }) => processedOn)
    return Math.max(...begun) - Math.min(...begun)
  }

  /** Adds nothing more; resolves when all is done and the queues are empty. */
  async drained(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#adding)
    await repeatUnknown(() => this.#queue.removeJobScheduler('tick'))
    await eventually(async () => {
      expect(this.open, this.#state()).toEqual([])
      for (const queue of [this.#queue, this.#limited]) {
        const { completed: _, ...counts } = await queue.getJobCounts()
        const failed = (await queue.getFailed()).map((job) => JSON.stringify(job))
        const told = `${JSON.stringify(counts)} ${failed.join()} ${this.#state()}`
        expect(
          Object.values(counts).every((count) => count === 0),
          told
        ).toBe(true)
      }
    }, 20_000)
    expect(this.#workers.map((worker) => worker.isRunning())).toEqual([true, true])
  }

  summary(): string {
    const errors = JSON.stringify(Object.fromEntries(this.errors))
    const [accepted, repeated] = [this.accepted, this.repeated.length]
    return `${this.#queue.name}: ${accepted} jobs accepted, ${repeated} done twice, ${this.#ticks} turns, ${this.stalled} stalled, ${errors}`
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([...this.#workers, this.#queue, this.#limited, this.#flows].map((one) => one.close()))
  }

  async #work(job: Job): Promise<string> {
    const { id = '', name } = job
    if (name === 'tick') {
      this.#ticks += 1
      return name
    }
    this.done.set(id, (this.done.get(id) ?? 0) + 1)
    const { notBefore = 0 } = job.data as { notBefore?: number }
    if (Date.now() < notBefore) this.wrong.push(`${id} was begun ${notBefore - Date.now()} ms early`)
    if (name === 'parent') {
      const values = Object.keys(await job.getChildrenValues())
      if (values.length !== CHILDREN) this.wrong.push(`${id} was begun with ${values.length} children done`)
    }
    return name
  }

  #addNext(): void {
    this.#count += 1
    const jobId = `job-${this.#count}`
    const opts = { jobId }
    if (this.#count % 10 === 0) this.#addFlow(jobId)
    else if (this.#count % 5 === 0) {
      const notBefore = Date.now() + DELAY_MS
      this.#add(async () => (await this.#queue.add('delayed', { notBefore }, { ...opts, delay: DELAY_MS })).id)
    } else if (this.#count % 5 === 1) this.#add(async () => (await this.#limited.add('limited', {}, opts)).id)
    else this.#add(async () => (await this.#queue.add('plain', {}, opts)).id)
  }

  /** All of a flow is added, or nothing; what is added again under the same ids BullMQ does not take for the same flow. */
  #addFlow(flow: string): void {
    const queueName = this.#queue.name
    let attempt = 0
    this.#add(async () => {
      attempt += 1
      const jobId = `${flow}-${attempt}`
      const children = Array.from({ length: CHILDREN }, (_, index) => {
        return { name: 'child', queueName, opts: { jobId: `${jobId}-${index}`, attempts: this.#attempts } }
      })
      await this.#flows.add({ name: 'parent', queueName, opts: { jobId, attempts: this.#attempts }, children })
      return jobId
    })
  }

  #add(call: () => Promise<string | undefined>): void {
    const adding = repeatUnknown(call).then(
      (id) => this.#accepted.add(String(id)),
      (error: unknown) => this.wrong.push(`a job was not accepted: ${String(error)}`)
    )
    this.#adding.add(adding)
    void adding.then(() => this.#adding.delete(adding))
  }

  #state(): string {
    return `${this.summary()}; open ${this.open.slice(0, 5).join()}; wrong ${this.wrong.slice(0, 5).join()}`
  }
}
