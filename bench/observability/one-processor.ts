import { execFileSync } from 'node:child_process'

/**
 * Has this process, and all that it starts from now on, run on one processor; with what it says where that cannot be. Two processors are as a rule
 * two threads of one core: what a call costs there depends on whether the server happens to work at the same time, and is 1 or 2.
 */
export function stayOnOneProcessor(): string {
  try {
    execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)], { stdio: 'ignore' })
    return 'all on one processor'
  } catch {
    return 'on all processors (taskset, of util-linux, cannot be run)'
  }
}
