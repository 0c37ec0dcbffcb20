import type { LocalNode } from 'ioredis-sentinel/testkit'

/** Longer than any test holds a replica back. */
const LONGEST_MS = 600_000

/**
 * From now on the replica applies nothing of what its primary sends, and answers reads with what it has: replication that lags, by as
 * much as one likes and without root. Resolves with what lets it go on.
 *
 * CLIENT PAUSE … WRITE stops what a client asks to write, and to a replica its primary is a client (redis `src/server.c` processCommand()).
 */
export async function holdBack(replica: LocalNode): Promise<() => Promise<void>> {
  await replica.command('CLIENT', 'PAUSE', LONGEST_MS, 'WRITE')
  return async () => {
    await replica.command('CLIENT', 'UNPAUSE')
  }
}
