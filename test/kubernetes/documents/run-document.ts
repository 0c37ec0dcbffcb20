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
  readonly cwd: string
  /** Told of each block before it runs. */
  readonly onBlock?: (block: Block) => void
  /** Those that it answers false to are not run. */
  readonly runs?: (block: Block) => boolean
}

const BLOCK_LIMIT_MS = 300_000

/** Runs the `sh` blocks of a document one after the other in one shell, whose kubectl speaks to the cluster. */
export async function runDocument(cluster: Cluster, document: string, options: DocumentOptions): Promise<DocumentRun> {
  const { cwd, onBlock, runs = () => true } = options
  const kubectl = await KubectlServer.start(cluster)
  const session = new Session(kubectl.env, cwd)
  const failures: string[] = []
  const differences: string[] = []
  const printed: string[] = []
  try {
    for (const block of blocksOf(document)) {
      if (!runs(block)) {
        printed.push(block.printed)
        continue
      }
      onBlock?.(block)
      const place = `line ${block.line}, ${block.heading}`
      const ran = await session.run(block.commands, BLOCK_LIMIT_MS)
      const text = normalise(ran.printed)
      for (const failed of ran.failed) failures.push(`${place}: a command ended with ${failed}`)
      for (const line of text.split('\n')) if (line.startsWith('error: ')) failures.push(`${place}: ${line}`)
      const difference = shapeDifference(block.printed, text)
      if (difference !== undefined) differences.push(`${place}: ${difference}`)
      printed.push(text)
    }
  } finally {
    session.end()
    await kubectl.stop()
  }
  return { document: withPrinted(document, printed), failures, differences }
}
