import { createHistogram, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

type Call = () => Promise<unknown>

export interface Throughput {
  readonly perSecond: number
  /** CPU time of this process, user and system, in microseconds a call. */
  readonly cpuUs: number
}

const MOST_STALLS = 10

interface Mark {
  readonly ended: number
  readonly at: number
  readonly cpuUs: number
}

/** Keeps so many calls in flight, and counts what ends after the warm-up. Rejects with the first call that fails. */
export async function closedLoop(call: Call, depth: number, warmMs: number, ms: number): Promise<Throughput> {
  let ended = 0
  let open = true
  const mark = (): Mark => {
    const { user, system } = process.cpuUsage()
    return { ended, at: performance.now(), cpuUs: user + system }
  }
  const over = new Promise<void>((resolve, reject) => {
    let running = depth
    const done = (): void => {
      ended += 1
      if (open) next()
      else if (--running === 0) resolve()
    }
    const next = (): void => {
      call().then(done, reject)
    }
    for (let i = 0; i < depth; i++) next()
  })
  const watched = async (): Promise<Throughput> => {
    await sleep(warmMs)
    const from = mark()
    let to = from
    // A machine that stands still for as long as it is measured says nothing of the client.
    for (let tries = 0; to.ended === from.ended && tries < MOST_STALLS; tries++) {
      await sleep(ms)
      to = mark()
    }
    open = false
    const calls = to.ended - from.ended
    if (calls === 0) throw new Error(`no call ended in ${MOST_STALLS * ms} ms: measure for longer`)
    await over
    return { perSecond: (calls * 1000) / (to.at - from.at), cpuUs: (to.cpuUs - from.cpuUs) / calls }
  }
  const [result] = await Promise.all([watched(), over])
  return result
}

/**
 * Makes so many calls a second, whatever becomes of them, and tells how long each took, in microseconds from the moment at which it
 * was due to its reply. Each is issued at the moment at which it is due: this process does not
 * sleep meanwhile, since a timer comes up to a millisecond late, which is ten times as long as a call takes. One that is late
 * because this process was busy counts from when it was due.
 */
export async function pacedLoop(call: Call, perSecond: number, warmMs: number, ms: number): Promise<readonly number[]> {
  const tookUs: number[] = []
  const start = performance.now()
  const [firstCounted, total] = [(warmMs * perSecond) / 1000, ((warmMs + ms) * perSecond) / 1000]
  let [issued, ended] = [0, 0]
  await new Promise<void>((resolve, reject) => {
    const issue = (index: number): void => {
      const due = start + (index * 1000) / perSecond
      call().then(() => {
        ended += 1
        if (index >= firstCounted) tookUs.push(Math.max(1, Math.round((performance.now() - due) * 1000)))
        if (ended >= total) resolve()
      }, reject)
    }
    const catchUp = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - start) * perSecond) / 1000) + 1)
      for (; issued < due; issued++) issue(issued)
      if (issued < total) setImmediate(catchUp)
    }
    catchUp()
  })
  return tookUs
}

export interface Latency {
  readonly p50Us: number
  readonly p99Us: number
}

export function latencyOf(tookUs: readonly number[]): Latency {
  const histogram = createHistogram()
  for (const took of tookUs) histogram.record(took)
  return { p50Us: histogram.percentile(50), p99Us: histogram.percentile(99) }
}

/**
 * So many at a time, and the next when all of them are answered; a whole number of such rounds, at least `calls`. Resolves with how many calls
 * that were. Where each answer brings forth the next call, they come in as few or as many packets as it happens, which halves or doubles what a
 * call costs.
 */
export async function inRounds(call: Call, depth: number, calls: number): Promise<number> {
  const rounds = Math.ceil(calls / depth)
  for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: depth }, call))
  return rounds * depth
}

/**
 * Bytes of heap a call: how much it grew over so many, without a collection in between. Needs --expose-gc and a young
 * generation that all of it fits into.
 */
export async function allocation(call: Call, depth: number, calls: number): Promise<number> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('the heap is only measured with --expose-gc')
  await inRounds(call, depth, calls)
  let collections = 0
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length))
  gc()
  await sleep(20)
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().heapUsed
  const made = await inRounds(call, depth, calls)
  const after = process.memoryUsage().heapUsed
  await sleep(20)
  observer.disconnect()
  if (collections > 0) throw new Error(`the heap was collected while ${calls} calls were made: make fewer`)
  return (after - before) / made
}
