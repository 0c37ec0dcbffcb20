/** In a process that stood still for a moment as it began, performance.timeOrigin is as much too late. */
const origin = Math.min(
  performance.timeOrigin,
  ...Array.from({ length: 5 }, () => {
    const before = performance.now()
    return Date.now() + 1 - before
  })
)

/** Milliseconds since 1970, with a fraction. */
export function preciseNow(): number {
  return origin + performance.now()
}

/** After a pause of the whole process (a frozen pod, a suspended laptop) no more than this is caught up with. */
const MAX_CATCH_UP_MS = 1000

/** Awake so much later than a whole interval, the process stood still. */
const LATE_MS = 20

/**
 * Calls `issue` so many times a second whether or not earlier calls are answered (open loop): a stall of the servers
 * does not slow the load down and so cannot hide itself.
 */
export function startPace(perSecond: number, issue: () => void): { stop(): void } {
  if (perSecond <= 0) return { stop: () => undefined }
  const everyMs = 1000 / perSecond
  let nextAt = performance.now()
  let behind: NodeJS.Immediate | undefined
  const tick = (): void => {
    if (performance.now() - nextAt > everyMs + LATE_MS) catchUpBehind()
    else catchUp()
  }
  // What the sockets hold since is read first, and the client concludes from it what it does, in setImmediate() too: a connection that
  // ended meanwhile, or was silent for long, would be written to.
  const catchUpBehind = (): void => {
    behind = setImmediate(() => {
      behind = setImmediate(catchUp)
    })
  }
  const catchUp = (): void => {
    const now = performance.now()
    if (now - nextAt > MAX_CATCH_UP_MS) nextAt = now
    while (nextAt <= now) {
      nextAt += everyMs
      issue()
    }
    timer = setTimeout(tick, Math.max(1, nextAt - performance.now()))
  }
  let timer = setTimeout(tick, 0)
  return {
    stop: () => {
      clearTimeout(timer)
      clearImmediate(behind)
    }
  }
}
