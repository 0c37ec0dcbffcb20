import { partitionSupport } from 'ioredis-sentinel/testkit'
import type { TestContext } from 'vitest'

/** Skips a test, with the reason, where packets cannot be dropped: that needs root and iptables or nft. */
export async function needsPartitions(context: TestContext): Promise<void> {
  const support = await partitionSupport()
  if (!support.available) context.skip(support.reason)
}
