import type { Cluster } from '../harness/cluster.js'
import { commandNode, commandSentinel, podsOf } from '../harness/redis-view.js'
import { type Agreement, untilAgreed } from '../harness/verdict.js'

/** Moves the primary to this pod by a failover; for before the writer begins, since one by hand loses writes. */
export async function makePrimary(cluster: Cluster, pod: string): Promise<Agreement> {
  const before = await untilAgreed(cluster)
  if (before.primary === pod) return before
  const priority = (value: string): Promise<unknown> =>
    commandNode(cluster, cluster.pod(pod), ['CONFIG', 'SET', 'replica-priority', value])
  await priority('1')
  // A sentinel reads the priority out of INFO, which it asks for every 10 s: it may choose another one until then.
  for (;;) {
    await commandSentinel(cluster, anySentinel(cluster), ['SENTINEL', 'FAILOVER', 'mymaster']).catch(() => undefined)
    const { primary } = await untilAgreed(cluster)
    if (primary === pod) break
  }
  await priority('100')
  return untilAgreed(cluster)
}

function anySentinel(cluster: Cluster): ReturnType<typeof podsOf>[number] {
  const [sentinel] = podsOf(cluster, 'sentinel')
  if (sentinel === undefined) throw new Error('there is no sentinel')
  return sentinel
}
