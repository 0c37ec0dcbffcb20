import { execFileSync } from 'node:child_process'
import { cpus, platform } from 'node:os'

/** Which processors the servers and the measured client run on, so that it does not depend on where the system happens to put them. */
export interface Placement {
  readonly servers: string
  readonly client: string
}

/**
 * The client on the first processor, and the servers on the others. Undefined where that cannot be said: with one processor, or
 * without taskset (util-linux), as on all systems but Linux.
 */
export function placement(processors = cpus().length, canPlace = hasTaskset()): Placement | undefined {
  if (processors < 2 || !canPlace) return undefined
  return { client: '0', servers: processors === 2 ? '1' : `1-${processors - 1}` }
}

/** In words, for the report. */
export function describePlacement(place: Placement | undefined): string {
  return place === undefined
    ? 'where the system puts them'
    : `the measured client on processor ${place.client}, all servers on ${place.servers}`
}

/** Moves a process with all of its threads; what it starts from now on is there too. */
export function place(pid: number, processors: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', processors, String(pid)], { stdio: 'ignore' })
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
