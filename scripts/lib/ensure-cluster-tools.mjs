import { ensurePrograms } from './ensure-programs.mjs'

/** What the cluster of processes in test/kubernetes is made with; its needs-linux-root.ts has the same list. */
const PROGRAMS = ['unshare', 'nsenter', 'setpriv', 'mount', 'chroot', 'timeout', 'ip', 'iptables', 'iptables-restore']

/**
 * Network and mount namespaces need Linux and root. Without them there is nothing to prepare: those tests report themselves as
 * skipped, with the reason. With root and a program missing it is installed, or it is said why not.
 */
export async function ensureClusterTools() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  await ensurePrograms('network', PROGRAMS, 'No cluster can be run.')
}
