import { installPackages } from './install-packages.mjs'
import { findProgram } from './programs.mjs'
import { say } from './say.mjs'

/**
 * Partitions are made with iptables, and need root. Without root there is nothing to prepare: those tests report themselves as
 * skipped. With root and no iptables they fail with the testkit's message, so this only says what it could not do.
 */
export async function ensureIptables() {
  const isThere = () => findProgram('iptables') !== undefined
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || isThere()) return
  const problem = await installPackages('iptables', isThere)
  if (problem !== undefined) say(`iptables is missing and was not installed: ${problem}. Partitions cannot be made.`)
}
