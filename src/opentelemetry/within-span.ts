import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'

export function isWithinSpan(): boolean {
  const active = context.active()
  return active !== ROOT_CONTEXT && trace.getSpan(active) !== undefined
}
