import { execFileSync } from 'node:child_process'
import { cpus, platform } from 'node:os'

/**
 * Which processors the measured client and the servers run on, so that it does not depend on where the system happens to put them.
 * The primary shares none with the client. Replicas and sentinels, which stand on machines of their own elsewhere, run where there is room:
 * where there are two processors, beside the primary as long as that has time. A server that shares the client's processor answers a single
 * call sooner than one that has to be woken on another, and only a client that reads from replicas would gain by it.
 */
export interface Placement {
  readonly client: string
  readonly primary: string
  /** While calls come one by one, or at a pace. */
  readonly othersAtEase: string
  /** While they come as fast as they are answered. */
  readonly othersAtWork: string
}

/**
 * Undefined where that cannot be said: with one processor, or without taskset (util-linux), as on all systems but Linux.
 */
export function placement(processors = cpus().length, canPlace = hasTaskset()): Placement | undefined {
  if (processors < 2 || !canPlace) return undefined
  const rest = `2-${processors - 1}`
  const [othersAtEase, othersAtWork] = processors === 2 ? ['1', '0-1'] : [rest, rest]
  return { client: '0', primary: '1', othersAtEase, othersAtWork }
}

/** In words, for the report. */
export function describePlacement(place: Placement | undefined): string {
  if (place === undefined) return 'where the system puts them'
  const { client, primary, othersAtEase, othersAtWork } = place
  const apart = othersAtEase === othersAtWork ? '' : `, at one call in flight and at equal load on ${othersAtEase}`
  return `the measured client on processor ${client}, the primary on ${primary}, replicas and sentinels on ${othersAtWork}${apart}`
}

/** Moves a process with all of its threads. */
export function place(pid: number, processors: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', processors, String(pid)], { stdio: 'ignore' })
}

/**
 * Has this process, and all that it starts from now on, run on one processor, and says so in words. Two processors are as a rule two threads
 * of one core: what a call costs there depends on whether the server happens to work at the same time, and doubles.
 */
export function stayOnOneProcessor(): string {
  if (!hasTaskset()) return describePlacement(undefined)
  place(process.pid, '0')
  return 'all on one processor'
}

function hasTaskset(): boolean {
  if (platform() !== 'linux') return false
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
