import { context, type ContextManager, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorage } from 'node:async_hooks'

/** Where all copies of version 1 of the API look for what was registered with one of them (@opentelemetry/api `src/internal/global-utils.ts`). */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

interface Registry {
  readonly context?: ContextManager
}

let registry: Registry | undefined
let knownManager: ContextManager | undefined
/** The known manager's, when that alone decides which context is active. */
let decidingStore: AsyncLocalStorage<unknown> | undefined

/**
 * Asked of every call: the API itself takes a thirtieth of a GET for it. Where a store of the manager's decides it, and is empty,
 * the API need not be asked.
 */
export function isWithinSpan(): boolean {
  registry ??= (globalThis as { readonly [REGISTRY]?: Registry })[REGISTRY]
  const isKnown = registry?.context === knownManager
  if (isKnown && decidingStore !== undefined && decidingStore.getStore() === undefined) return false
  const active = context.active()
  if (active === ROOT_CONTEXT || trace.getSpan(active) === undefined) return false
  if (!isKnown) {
    knownManager = registry?.context
    decidingStore = knownManager && storeOf(knownManager)
  }
  return true
}

/**
 * Called within a span: when the store is empty for a moment, and there is no span then, it decides. It cannot be seen outside of one,
 * and to begin one for that would slow every promise of the process down.
 */
function storeOf(manager: ContextManager): AsyncLocalStorage<unknown> | undefined {
  const { _asyncLocalStorage: store } = manager as { readonly _asyncLocalStorage?: unknown }
  if (!(store instanceof AsyncLocalStorage) || store.getStore() === undefined) return undefined
  return store.run(undefined, () => trace.getSpan(manager.active()) === undefined) ? store : undefined
}
