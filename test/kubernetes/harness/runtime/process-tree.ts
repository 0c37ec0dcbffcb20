import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const LIMIT_MS = 10_000

/** The pids of a process's children, as this machine counts. Empty when it has ended. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  } catch {
    return []
  }
}

/**
 * Waits until a process that forks exactly one child has done so.
 *
 * @throws Error when it has ended before.
 */
export async function onlyChildOf(pid: number): Promise<number> {
  const deadline = performance.now() + LIMIT_MS
  for (;;) {
    const [child] = childrenOf(pid)
    if (child !== undefined) return child
    if (!isAlive(pid) || performance.now() > deadline) throw new Error(`process ${pid} has no child`)
    await sleep(2)
  }
}

export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
