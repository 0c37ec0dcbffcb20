import { context, type Span, SpanKind, SpanStatusCode, trace as traceApi, type Tracer } from '@opentelemetry/api'
import type { CommandTrace, SentinelRedis } from '../index.js'
import type { OwnLabels } from '../metrics/label.js'
import {
  batchSize,
  callAttributes,
  DB,
  errorAttributes,
  errorText,
  nodeAttributes,
  operationName,
  OWN
} from './attributes.js'
import { EVERY_CALL, WANTED_CALLS } from './command-channel.js'

export type CommandSpanSetting = 'withParent' | 'all' | 'none'

const SPAN: unique symbol = Symbol('ioredis-sentinel.span')

interface SpannedTrace extends CommandTrace {
  [SPAN]?: Span
}

/** A span for each call, from when it was issued until it settled: waiting here and being sent again are within. */
export class CommandSpans {
  readonly #tracer: Tracer
  readonly #labels: OwnLabels
  readonly #onlyWithParent: boolean
  readonly #queryText: boolean

  private constructor(tracer: Tracer, labels: OwnLabels, onlyWithParent: boolean, queryText: boolean) {
    this.#tracer = tracer
    this.#labels = labels
    this.#onlyWithParent = onlyWithParent
    this.#queryText = queryText
  }

  static follow(
    tracer: Tracer,
    client: SentinelRedis,
    labels: OwnLabels,
    setting: CommandSpanSetting,
    queryText: boolean
  ): () => void {
    if (setting === 'none') return () => undefined
    const spans = new CommandSpans(tracer, labels, setting === 'withParent', queryText)
    return setting === 'all' ? EVERY_CALL.follow(client, spans) : WANTED_CALLS.follow(client, isWithinSpan, spans)
  }

  onStart(trace: SpannedTrace): void {
    if (this.#onlyWithParent && !isWithinSpan()) return
    const parent = context.active()
    const attributes = { ...callAttributes(trace), ...batchSize(trace) }
    if (this.#queryText) attributes[DB.queryText] = trace.text
    trace[SPAN] = this.#tracer.startSpan(operationName(trace), { kind: SpanKind.CLIENT, attributes }, parent)
  }

  onSettled(trace: SpannedTrace): void {
    const span = trace[SPAN]
    if (span === undefined) return
    if (span.isRecording()) this.#describe(span, trace)
    span.end()
  }

  #describe(span: Span, trace: CommandTrace): void {
    const { node, attempts, held, error } = trace
    span.setAttributes({ [`${OWN}group`]: this.#labels.group, [`${OWN}client`]: this.#labels.client })
    if (node !== undefined) span.setAttributes({ ...nodeAttributes(node), [`${OWN}role`]: node.role })
    if (attempts > 1) span.setAttribute(`${OWN}attempts`, attempts)
    if (held) span.setAttribute(`${OWN}held`, true)
    if (error === undefined) return
    span.setAttributes(errorAttributes(error))
    span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(error, trace) })
  }
}

function isWithinSpan(): boolean {
  return traceApi.getSpan(context.active()) !== undefined
}
