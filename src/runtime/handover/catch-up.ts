import { formatAddress } from '../../protocol/address.js'
import type { ReplicationInfo } from '../../protocol/parse-info.js'
import { pause } from '../backoff.js'
import type { AskedNode } from './asked-node.js'

const ASK_EVERY_MS = 3

/**
 * Resolves when all of these have applied the stream up to this offset of this history. The primary's own offset goes on with its
 * PINGs while writes are paused (redis `replication.c` replicationCron()), so it is not asked again. Rejects, naming who
 * did not get there, when the signal aborts.
 */
export async function caughtUp(
  replicas: readonly AskedNode[],
  { offset, history }: Pick<ReplicationInfo, 'offset' | 'history'>,
  signal: AbortSignal
): Promise<void> {
  const behind = new Map<AskedNode, string>(replicas.map((replica) => [replica, 'did not answer']))
  const follow = async (replica: AskedNode): Promise<void> => {
    while (!signal.aborted) {
      try {
        const position = await replica.position()
        if (position.history !== history) behind.set(replica, 'follows another history')
        else if (position.offset < offset) behind.set(replica, `lacks ${offset - position.offset} bytes`)
        else {
          behind.delete(replica)
          return
        }
      } catch (error) {
        behind.set(replica, error instanceof Error ? error.message : String(error))
      }
      await pause(ASK_EVERY_MS, signal)
    }
  }
  const given = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
  await Promise.race([Promise.all(replicas.map(follow)), given])
  if (behind.size === 0) return
  throw new Error([...behind].map(([replica, why]) => `${formatAddress(replica.address)} ${why}`).join(', '))
}
