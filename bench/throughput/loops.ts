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

/** What came of calls at equal load. */
export interface Slice {
  /** Of each call, in microseconds from the moment at which it was due to its reply. */
  readonly tookUs: readonly number[]
  /** CPU time of this process for all of them, user and system, in microseconds. */
  readonly cpuUs: number
}

/** Makes so many calls a second, whatever becomes of them; one that is late because this process was busy counts from when it was due. */
export async function pacedLoop(call: Call, perSecond: number, warmMs: number, ms: number): Promise<Slice> {
  const tookUs: number[] = []
  const start = performance.now()
  const [firstCounted, total] = [(warmMs * perSecond) / 1000, ((warmMs + ms) * perSecond) / 1000]
  let [issued, ended] = [0, 0]
  let before = process.cpuUsage()
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
      for (; issued < due; issued++) {
        if (issued === Math.floor(firstCounted)) before = process.cpuUsage()
        issue(issued)
      }
      if (issued < total) setTimeout(catchUp, 1)
    }
    catchUp()
  })
  const { user, system } = process.cpuUsage(before)
  return { tookUs, cpuUs: user + system }
}

export interface Latency {
  readonly p50Us: number
  readonly p99Us: number
  /** CPU time a call, in microseconds. */
  readonly cpuUs: number
}

/** Of all calls of these slices together. */
export function latencyOf(slices: readonly Slice[]): Latency {
  const histogram = createHistogram()
  let [calls, cpuUs] = [0, 0]
  for (const slice of slices) {
    for (const took of slice.tookUs) histogram.record(took)
    calls += slice.tookUs.length
    cpuUs += slice.cpuUs
  }
  return { p50Us: histogram.percentile(50), p99Us: histogram.percentile(99), cpuUs: cpuUs / calls }
}

/**
 * Bytes of heap a call: how much it grew over so many, without a collection in between. Needs --expose-gc and a young
 * generation that all of it fits into.
 */
export async function allocation(call: Call, depth: number, calls: number): Promise<number> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('the heap is only measured with --expose-gc')
  const rounds = Math.ceil(calls / depth)
  const all = async (): Promise<void> => {
    for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: depth }, call))
  }
  await all()
  let collections = 0
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length))
  gc()
  await sleep(20)
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().heapUsed
  await all()
  const after = process.memoryUsage().heapUsed
  await sleep(20)
  observer.disconnect()
  if (collections > 0) throw new Error(`the heap was collected while ${calls} calls were made: make fewer`)
  return (after - before) / (rounds * depth)
}
