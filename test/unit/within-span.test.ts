import { context, type Context, type ContextManager, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import type { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isWithinSpan } from '../../src/opentelemetry/within-span.js'

const tracer = new BasicTracerProvider().getTracer('test')

afterEach(() => {
  context.disable()
})

function manage(manager: ContextManager): void {
  context.disable()
  context.setGlobalContextManager(manager.enable())
}

function within<Result>(act: () => Result, span: Span = tracer.startSpan('parent')): Result {
  return context.with(trace.setSpan(ROOT_CONTEXT, span), act)
}

/** As the API has it, without any shortcut. */
function asTheApiSays(): boolean {
  return trace.getSpan(context.active()) !== undefined
}

/** Contexts of an application: within a span, beside one, and within something that is none. */
async function everywhere(): Promise<boolean[]> {
  const said: boolean[] = []
  const say = (): void => {
    expect(isWithinSpan()).toBe(asTheApiSays())
    said.push(isWithinSpan())
  }
  say()
  within(say)
  say()
  await within(async () => {
    say()
    await sleep(1)
    say()
    context.with(ROOT_CONTEXT, say)
    context.with(ROOT_CONTEXT.setValue(Symbol('baggage'), 1), say)
    say()
  })
  say()
  return said
}

const EVERYWHERE = [false, true, false, true, true, false, false, true, false]

/** The context comes from elsewhere when its own store has none. */
class WithAnother extends AsyncLocalStorageContextManager {
  elsewhere: Context = ROOT_CONTEXT

  override active(): Context {
    const own = super.active()
    return own === ROOT_CONTEXT ? this.elsewhere : own
  }
}

/** Without anything of Node's or of another manager's. */
class Stack implements ContextManager {
  #active: Context = ROOT_CONTEXT

  active(): Context {
    return this.#active
  }
  with<Args extends unknown[], This, Fn extends (this: This, ...args: Args) => unknown>(
    given: Context,
    fn: Fn,
    self?: ThisParameterType<Fn>,
    ...args: Args
  ): ReturnType<Fn> {
    const before = this.#active
    this.#active = given
    try {
      return fn.apply(self as This, args) as ReturnType<Fn>
    } finally {
      this.#active = before
    }
  }
  bind<Target>(_context: Context, target: Target): Target {
    return target
  }
  enable(): this {
    return this
  }
  disable(): this {
    return this
  }
}

describe('whether a call is within a span', () => {
  it('is never so without a context manager', () => {
    expect(within(isWithinSpan)).toBe(false)
    expect(isWithinSpan()).toBe(false)
  })

  it('is what the API says, in every context, also when another manager takes the place of the first', async () => {
    for (let time = 0; time < 3; time++) {
      manage(new AsyncLocalStorageContextManager())
      expect(await everywhere()).toEqual(EVERYWHERE)
      expect(await everywhere()).toEqual(EVERYWHERE)
      context.disable()
      expect(within(isWithinSpan)).toBe(false)
    }
  })

  it('is not asked of the API where the store of its manager is empty, once there has been a span', () => {
    const manager = new AsyncLocalStorageContextManager()
    manage(manager)
    within(isWithinSpan)
    const active = vi.spyOn(manager, 'active')
    expect(isWithinSpan()).toBe(false)
    expect(active).not.toHaveBeenCalled()
    expect(within(isWithinSpan)).toBe(true)
    expect(active).toHaveBeenCalled()
  })

  it('does not begin to follow contexts by itself, which slows promises down', () => {
    const manager = new AsyncLocalStorageContextManager()
    manage(manager)
    const { _asyncLocalStorage: store } = manager as unknown as { _asyncLocalStorage: AsyncLocalStorage<Context> }
    const run = vi.spyOn(store, 'run')
    isWithinSpan()
    expect(run).not.toHaveBeenCalled()
    expect(store.getStore()).toBeUndefined()
  })

  it('is asked of the API where the store does not decide alone', () => {
    const manager = new WithAnother()
    manage(manager)
    manager.elsewhere = trace.setSpan(ROOT_CONTEXT, tracer.startSpan('elsewhere'))
    expect(within(isWithinSpan)).toBe(true)
    expect(isWithinSpan()).toBe(true)
    manager.elsewhere = ROOT_CONTEXT
    expect(isWithinSpan()).toBe(false)
    manager.elsewhere = trace.setSpan(ROOT_CONTEXT, tracer.startSpan('elsewhere'))
    expect(isWithinSpan()).toBe(true)
  })

  it('is asked of the API where there is no store', () => {
    manage(new Stack())
    for (let time = 0; time < 2; time++) {
      expect(isWithinSpan()).toBe(false)
      expect(within(isWithinSpan)).toBe(true)
      expect(context.with(ROOT_CONTEXT.setValue(Symbol('baggage'), 1), isWithinSpan)).toBe(false)
    }
  })
})
