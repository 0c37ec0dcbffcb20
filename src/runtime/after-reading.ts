/**
 * Calls `act` after so many milliseconds. Where the timer is late by more than `lateMs` this process was busy, and what its sockets hold since is
 * read first: timers come before that, and what is concluded from silence or from time alone would be wrong. Keeps no process running. Returns
 * what calls it off.
 */
export function afterReading(ms: number, lateMs: number, act: () => void): () => void {
  const due = performance.now() + ms
  let behind: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    if (performance.now() - due > lateMs) behind = setImmediate(act)
    else act()
  }, ms).unref()
  return () => {
    clearTimeout(timer)
    clearImmediate(behind)
  }
}
