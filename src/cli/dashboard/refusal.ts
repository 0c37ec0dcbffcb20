/** How a server's reply begins that says that this user may not ask. */
const REFUSAL = /^(?:NOPERM|NOAUTH|WRONGPASS)\b/

/** Whether a node that has no numbers, for this reason, did answer: it refuses INFO. Nothing of Node.js stands here, since the page asks too. */
export function refusesInfo(error: string): boolean {
  return REFUSAL.test(error)
}
