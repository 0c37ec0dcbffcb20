/** A page that has heard nothing for 3 s asks nothing. */
const LATE_MS = 10_000

/**
 * Says that a press comes too late, and how late: it lay in a connection while this tool stood still, or a tunnel did, and nobody expects
 * any more that it is done. Undefined when it comes in time. `toldAt` is the moment of the last state that its page had heard, by the
 * clock of this tool: no other one is asked.
 */
export function lateness(what: string, toldAt: string | string[] | undefined, now = Date.now()): string | undefined {
  const since = now - Number(toldAt)
  if (!(since > LATE_MS)) return undefined
  return `a press of ${what} came ${Math.round(since / 1000)} s after the last word that its page had heard: nothing was done`
}
