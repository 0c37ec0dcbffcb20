import { timeOrigin } from '../time-origin.js'

/**
 * The time now in milliseconds since 1970, as it was when the process began and has gone on since. A clock that is put forward
 * or back meanwhile does not move it, so that durations between two of these are true ones.
 */
export function steadyNow(): number {
  return steadyTime(performance.now())
}

/** The same for a moment told by performance.now(). */
export function steadyTime(monotonic: number): number {
  return Math.floor(timeOrigin() + monotonic)
}
