/** A look at both clocks: the wall's was read after `before` and before `after`, both by performance.now(). */
export interface ClockReading {
  readonly before: number
  readonly wall: number
  readonly after: number
}

/** Date.now() leaves the fraction out. */
const WALL_STEP_MS = 1

/** By how much an origin contradicts what was read, in whole milliseconds: above 0 when it lies too late, below when too early. */
export function errorOf(origin: number, readings: readonly ClockReading[]): number {
  const earliest = Math.max(...readings.map(({ wall, after }) => wall - after))
  const latest = Math.min(...readings.map(({ wall, before }) => wall + WALL_STEP_MS - before))
  return Math.ceil(Math.max(origin - latest, 0)) - Math.ceil(Math.max(earliest - origin, 0))
}

function read(): ClockReading {
  return { before: performance.now(), wall: Date.now(), after: performance.now() }
}

/**
 * Node reads both clocks one after the other as a process begins (node `src/node_perf.cc`: timeOrigin and timeOriginTimestamp), and on a busy
 * machine the process may stand still between the two: 65 ms were seen. All that is told by that origin would be as much too late.
 */
export const ORIGIN_ERROR_MS = errorOf(performance.timeOrigin, Array.from({ length: 5 }, read))

/** The time at which performance.now() was 0, in milliseconds since 1970, with a fraction. */
export function timeOrigin(): number {
  return performance.timeOrigin - ORIGIN_ERROR_MS
}

/** Milliseconds since 1970 with a fraction; comparable between processes of one machine. */
export function preciseNow(): number {
  return timeOrigin() + performance.now()
}
