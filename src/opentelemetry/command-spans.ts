import { context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api'
import type { AnySentinelRedis, CommandTrace } from '../index.js'
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
import { CALLS_WITHIN_SPANS, EVERY_CALL } from './command-channel.js'
import { isWithinSpan } from './within-span.js'

export type CommandSpanSetting = 'withParent' | 'all' | 'none'

/** A span for each call, from when it was issued until it settled: waiting here and being sent again are within. */
export class CommandSpans {
  readonly #tracer: Tracer
  readonly #labels: OwnLabels
  readonly #onlyWithParent: boolean
  readonly #queryText: boolean
  /** Of calls that have not settled. */
  readonly #open = new Map<CommandTrace, Span>()
  /** Set when no more are to be begun: ends the following when the last has settled. */
  #unfollow: (() => void) | undefined

  private constructor(tracer: Tracer, labels: OwnLabels, onlyWithParent: boolean, queryText: boolean) {
    this.#tracer = tracer
    this.#labels = labels
    this.#onlyWithParent = onlyWithParent
    this.#queryText = queryText
  }

  static follow(
    tracer: Tracer,
    client: AnySentinelRedis,
    labels: OwnLabels,
    setting: CommandSpanSetting,
    queryText: boolean
  ): () => void {
    if (setting === 'none') return () => undefined
    const spans = new CommandSpans(tracer, labels, setting === 'withParent', queryText)
    if (setting === 'all') {
      const unfollow = EVERY_CALL.follow(client, spans)
      return () => spans.#beginNoMore(unfollow)
    }
    const { wantNoMore, end } = CALLS_WITHIN_SPANS.follow(client, spans)
    return () => {
      wantNoMore()
      spans.#beginNoMore(end)
    }
  }

  onStart(trace: CommandTrace): void {
    if (this.#unfollow !== undefined || (this.#onlyWithParent && !isWithinSpan())) return
    const parent = context.active()
    const attributes = { ...callAttributes(trace), ...batchSize(trace) }
    if (this.#queryText) attributes[DB.queryText] = trace.text
    this.#open.set(trace, this.#tracer.startSpan(operationName(trace), { kind: SpanKind.CLIENT, attributes }, parent))
  }

  onSettled(trace: CommandTrace): void {
    const span = this.#open.get(trace)
    if (span === undefined) return
    this.#open.delete(trace)
    if (span.isRecording()) this.#describe(span, trace)
    span.end()
    if (this.#open.size === 0) this.#unfollow?.()
  }

  /** Spans of calls that are under way end with these. */
  #beginNoMore(unfollow: () => void): void {
    this.#unfollow = unfollow
    if (this.#open.size === 0) unfollow()
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
