import { createInterface } from 'node:readline/promises'
import type { Topology } from '../../index.js'
import { formatAddress } from '../address.js'
import { DRILL_FAULTS, type DrillFault } from './faults.js'

/** Asks on the terminal. */
export async function confirmed(fault: DrillFault, { name, primary, replicas }: Topology): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const where = primary === undefined ? 'none' : formatAddress(primary.address)
  try {
    const answer = await terminal.question(
      `Drill "${fault}" on "${name}" (primary ${where}, ${replicas.length} replicas)? ${DRILL_FAULTS[fault]}. [y/N] `
    )
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    // Ctrl-C, or the end of the input.
    return false
  } finally {
    terminal.close()
  }
}
