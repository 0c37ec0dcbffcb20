import type { Cluster } from '../harness/cluster.js'
import { KubectlServer } from '../harness/kubectl/server.js'
import { type Block, blocksOf, withPrinted } from './blocks.js'
import { normalise } from './normalise.js'
import { Session } from './session.js'
import { shapeDifference } from './shape.js'

export interface DocumentRun {
  /** With what the blocks printed now. */
  readonly document: string
  /** Commands that failed. */
  readonly failures: readonly string[]
  /** What was printed in another shape than is documented. */
  readonly differences: readonly string[]
}

export interface DocumentOptions {
  /** Where the shell begins. */
  readonly cwd: string
  /** Told of each block before it runs. */
  readonly onBlock?: (block: Block) => void
  /** Told what it printed. */
  readonly onPrinted?: (printed: string) => void
}

export interface BlockRun {
  /** As a document shows it. */
  readonly printed: string
  readonly failures: readonly string[]
}

const BLOCK_LIMIT_MS = 600_000

/** Runs the `sh` blocks of a document one after the other in one shell, whose kubectl speaks to the cluster. */
export async function runDocument(cluster: Cluster, document: string, options: DocumentOptions): Promise<DocumentRun> {
  const { cwd, onBlock, onPrinted } = options
  const kubectl = await KubectlServer.start(cluster)
  const session = new Session(kubectl.env, cwd)
  const failures: string[] = []
  const differences: string[] = []
  const printed: string[] = []
  try {
    for (const block of blocksOf(document)) {
      onBlock?.(block)
      const ran = await runBlock(session, block)
      const difference = shapeDifference(block.printed, ran.printed)
      if (difference !== undefined) differences.push(`${placeOf(block)}: ${difference}`)
      failures.push(...ran.failures)
      printed.push(ran.printed)
      onPrinted?.(ran.printed)
    }
  } finally {
    session.end()
    await kubectl.stop()
  }
  return { document: withPrinted(document, printed), failures, differences }
}

/** @throws Error when it does not end. */
export async function runBlock(session: Session, block: Block): Promise<BlockRun> {
  const { printed, failed } = await session.run(block.commands, BLOCK_LIMIT_MS)
  const text = normalise(printed)
  const failures = [
    ...failed.map((command) => `${placeOf(block)}: a command ended with ${command}`),
    // In the middle of a pipe nobody looks at its exit code.
    ...text
      .split('\n')
      .filter((line) => line.startsWith('error: '))
      .map((line) => `${placeOf(block)}: ${line}`)
  ]
  return { printed: text, failures }
}

const placeOf = ({ line, heading }: Block): string => `line ${line}, ${heading}`
