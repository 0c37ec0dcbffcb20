import { type Listeners, whoListens } from '../observe/command-trace.js'
import type { Call } from './call.js'
import { CallTrace } from './call-trace.js'
import type { PipelineStream } from './ioredis-internals.js'
import type { Traced } from './traced.js'

/** Kept on the stream of a pipeline: what has been issued of a transaction so far, or that it is traced as a whole. */
type Batch = { readonly listeners: Listeners; readonly calls: Call[] } | 'whole' | undefined

/** Who is to be told of a call that is being issued by itself: nobody of a part of a transaction that is told as one. All that most calls cost. */
export function listenersTo(traced: Traced): Listeners {
  return isOne ? 0 : whoListens(traced.offers.isWanted)
}

/** The trace of a call that is written to the stream of a pipeline, if somebody wants to be told of it and it is no part of a greater one. */
export function traceMember(traced: Traced, call: Call, stream: PipelineStream): CallTrace | undefined {
  const batch = stream.batch as Batch
  if (batch === 'whole') return undefined
  // The rest of a transaction comes before anything else can be issued.
  if (call.pipelineIndex === 0) {
    const listeners = call.name === 'multi' ? whoListens(traced.offers.isWanted) : 0
    if (listeners !== 0) stream.batch = { listeners, calls: [call] } satisfies Batch
    return undefined
  }
  if (batch === undefined) return undefined
  batch.calls.push(call)
  return call.name === 'exec' ? CallTrace.ofBatch(traced, batch.listeners, batch.calls) : undefined
}

/** The same for a pipeline of which nothing has been issued yet. */
export function tracePipeline(traced: Traced, calls: readonly Call[], stream: PipelineStream): CallTrace | undefined {
  const listeners = whoListens(traced.offers.isWanted)
  if (listeners === 0) return undefined
  stream.batch = 'whole' satisfies Batch
  return CallTrace.ofBatch(traced, listeners, calls)
}

/** What is being issued is told as one. */
let isOne = false

/** Issues a transaction call by call: MULTI, what is in it, EXEC. */
export function issueAsOne<Part extends Call>(
  traced: Traced,
  calls: readonly Part[],
  issue: (call: Part) => void
): void {
  const listeners = whoListens(traced.offers.isWanted)
  const trace = listeners === 0 ? undefined : CallTrace.ofBatch(traced, listeners, calls)
  isOne = true
  try {
    for (const call of calls) issue(call)
  } finally {
    isOne = false
  }
  trace?.issued()
}
