import type { Call } from './call.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'

/** Pipelines of nothing but reads: what is read there depends on no write before it, as in one that writes too. */
export class ReadPipelines {
  readonly #streams = new WeakSet<PipelineStream>()
  /** Of such pipelines, the calls that wait: to keep all of them would cost each a tenth of what it takes. */
  readonly #waiting = new WeakSet<Call>()

  /** Such a pipeline goes to the primary. */
  note(stream: PipelineStream): void {
    this.#streams.add(stream)
  }

  /** These, of such a pipeline, are to wait. */
  wait(calls: readonly Call[]): void {
    for (const call of calls) this.#waiting.add(call)
  }

  /** The primary did not answer these, or refused them: what can be sent again is to wait. */
  comeBack(items: readonly InFlight[]): void {
    for (const { command, stream } of items)
      if (stream !== undefined && this.#streams.has(stream)) this.#waiting.add(command)
  }

  /** Of a call that waits: it is no part of a pipeline that writes too. */
  isApart(call: Call): boolean {
    return call.pipelineIndex === undefined || this.#waiting.has(call)
  }
}
