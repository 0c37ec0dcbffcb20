import { ensurePrograms } from './ensure-programs.mjs'

/**
 * Partitions are made with iptables, and need root. Without root there is nothing to prepare: those tests report themselves as
 * skipped. With root and no iptables they fail with the testkit's message, so this only says what it could not do.
 */
export async function ensureIptables() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  await ensurePrograms('iptables', ['iptables'], 'Partitions cannot be made.')
}
