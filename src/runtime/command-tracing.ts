import { type Listening, whoListens } from '../observe/command-trace.js'
import type { Call } from './call.js'
import type { Traced } from './call-trace.js'
import { CallTrace } from './call-trace.js'
import type { PipelineStream } from './ioredis-internals.js'

/** Kept on the stream of a pipeline: what has been issued of a transaction so far, or that it is traced as a whole. */
type Batch = { readonly listening: Listening; readonly calls: Call[] } | 'whole' | undefined

/** The trace of a call that is being issued, if somebody wants to be told of it and it is no part of a greater one. */
export function traceCall(traced: Traced, call: Call, stream: PipelineStream | undefined): CallTrace | undefined {
  if (stream === undefined) {
    const listening = whoListens()
    return listening && CallTrace.ofCall(traced, listening, call)
  }
  const batch = stream.batch as Batch
  if (batch === 'whole') return undefined
  // The rest of a transaction comes before anything else can be issued.
  if (call.pipelineIndex === 0) {
    const listening = call.name === 'multi' ? whoListens() : undefined
    if (listening !== undefined) stream.batch = { listening, calls: [call] } satisfies Batch
    return undefined
  }
  if (batch === undefined) return undefined
  batch.calls.push(call)
  return call.name === 'exec' ? CallTrace.ofBatch(traced, batch.listening, batch.calls) : undefined
}

/** The same for a pipeline of which nothing has been issued yet. */
export function tracePipeline(traced: Traced, calls: readonly Call[], stream: PipelineStream): CallTrace | undefined {
  const listening = whoListens()
  if (listening === undefined) return undefined
  stream.batch = 'whole' satisfies Batch
  return CallTrace.ofBatch(traced, listening, calls)
}
