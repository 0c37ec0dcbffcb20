import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeldNamespace } from './held-namespace.js'

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

/** Whether a SIGSTOP keeps it; false when it has ended, too. */
export function isStopped(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ')
  } catch {
    return false
  }
}

/** The name of a namespace of a process; undefined when it has ended. */
export function namespaceOf(pid: number, kind: 'mnt' | 'net'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

/**
 * Waits until a process has left this process's namespace for one of its own. Before that it is dangerous to enter "its"
 * namespace: it is the machine's.
 */
export async function untilOwnNamespace(pid: number, kind: 'mnt' | 'net'): Promise<string> {
  const ours = namespaceOf(process.pid, kind)
  return untilAlive(pid, `has no ${kind} namespace of its own`, () => {
    const own = namespaceOf(pid, kind)
    return own === ours ? undefined : own
  })
}

/** Waits until the folder is the process's root. */
export async function untilRoot(pid: number, folder: string): Promise<void> {
  const wanted = statSync(folder)
  await untilAlive(pid, `does not have ${folder} as its root`, () => {
    const { ino, dev } = statSync(`/proc/${pid}/root`)
    return ino === wanted.ino && dev === wanted.dev ? true : undefined
  })
}

async function untilAlive<T>(pid: number, problem: string, look: () => T | undefined): Promise<T> {
  const deadline = performance.now() + LIMIT_MS
  for (;;) {
    if (!isAlive(pid) || performance.now() > deadline) throw new Error(`process ${pid} ${problem}`)
    const found = look()
    if (found !== undefined) return found
    await sleep(2)
  }
}

/** Ends all processes of a mount namespace, which is what tells those of one container from all others. */
export function killAllIn({ name: mounts }: HeldNamespace): void {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    if (namespaceOf(Number(name), 'mnt') !== mounts) continue
    try {
      process.kill(Number(name), 'SIGKILL')
    } catch {
      // it ended by itself
    }
  }
}
