import { readFileSync } from 'node:fs'
import { waitUntil } from '../../../src/testkit/wait-until.js'

/** What a file says, once that fits: a pod's log, or what its hook writes. One that is not there yet is waited for. */
export async function untilSaid(
  who: string,
  file: () => string,
  pattern: RegExp,
  timeoutMs: number
): Promise<RegExpExecArray> {
  return waitUntil(`${who} says ${String(pattern)}`, timeoutMs, async () => {
    const said = readFileSync(file(), 'utf8')
    const found = pattern.exec(said)
    return found === null ? { notYet: said.slice(-500) } : { done: found }
  })
}
