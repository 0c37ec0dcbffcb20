import net from 'node:net'
import { syncBuiltinESMExports } from 'node:module'
import type { Appointment, Clock } from '../clock.js'
import { ORIGIN_ERROR_MS } from '../../../src/time-origin.js'
import type { Random } from '../random.js'

/** Where the wall clock of a simulated client begins. */
const WALL_START = 1_700_000_000_000

/** A timer of the simulated world, in the shape of Node's. */
class SimTimer {
  appointment: Appointment

  constructor(clock: Clock, delayMs: number, run: () => void) {
    this.appointment = clock.schedule(delayMs, run)
  }

  unref(): this {
    return this
  }

  ref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }
}

export interface Substitutes {
  readonly clock: Clock
  /** Behind Math.random: jitter of retries and polls. */
  readonly random: Random
  /** Called before any code of the client runs. */
  readonly wake: () => void
  connect(options: { readonly host: string; readonly port: number }): unknown
}

/** What drives the simulation must not use the substitutes itself. */
export const realImmediate: (run: () => void) => void = setImmediate

/**
 * Puts time, chance and the network of a simulated world in the place of this thread's, for the real client to run on. There is no
 * way back: a thread simulates for all its life, one world after another.
 */
export function substitute(of: () => Substitutes): void {
  const start = (delayMs: number | undefined, run: () => void): SimTimer => {
    const { clock, wake } = of()
    return new SimTimer(clock, Math.max(1, delayMs ?? 1), () => {
      wake()
      run()
    })
  }
  const stop = (timer: unknown): void => {
    if (timer instanceof SimTimer) timer.appointment.cancelled = true
  }
  const repeat = (run: () => void, delayMs: number): SimTimer => {
    const again = (): void => {
      timer.appointment = start(delayMs, again).appointment
      run()
    }
    const timer = start(delayMs, again)
    return timer
  }
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) =>
      start(delayMs, () => {
        run(...args)
      }),
    setInterval: (run: () => void, delayMs: number) => repeat(run, delayMs),
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      new SimTimer(of().clock, 0, () => {
        of().wake()
        run(...args)
      }),
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop
  })
  Date.now = () => WALL_START + Math.floor(of().clock.now + of().clock.wallOffset)
  Object.defineProperty(performance, 'timeOrigin', { value: WALL_START + ORIGIN_ERROR_MS })
  performance.now = () => of().clock.now
  Math.random = () => of().random.next()
  const connect = (options: { host: string; port: number }): unknown => of().connect(options)
  Object.assign(net, { connect, createConnection: connect })
  syncBuiltinESMExports()
}
