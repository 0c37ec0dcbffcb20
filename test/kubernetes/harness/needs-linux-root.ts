import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'vitest'

/** util-linux has the first four, iproute2 `ip`. */
const PROGRAMS = ['unshare', 'nsenter', 'setpriv', 'mount', 'chroot', 'timeout', 'ip', 'iptables', 'iptables-restore']

/** Why no cluster can be run here; undefined when one can. */
export function whyNoCluster(searchPath = process.env['PATH'] ?? ''): string | undefined {
  if (process.platform !== 'linux') return 'a cluster of processes needs the namespaces of Linux'
  if (process.getuid?.() !== 0) return 'a cluster of processes needs root: it makes network and mount namespaces'
  const missing = PROGRAMS.filter((program) => !isOnPath(program, searchPath))
  return missing.length === 0
    ? undefined
    : `a cluster of processes needs ${missing.join(', ')} on the PATH (packages util-linux, iproute2, iptables)`
}

/** Skips a test, with the reason, where no cluster can be run. */
export function needsCluster(context: TestContext): void {
  const reason = whyNoCluster()
  if (reason !== undefined) context.skip(reason)
}

function isOnPath(program: string, searchPath: string): boolean {
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
