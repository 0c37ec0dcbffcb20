import type { Cluster } from '../cluster.js'
import type { Pod } from '../kubelet/pod.js'

/** How long the control plane takes a node that is not heard of for well: 40 to 60 s were seen. */
const BELIEVED_MS = 50_000

/** `kill -9` of all that runs on a node, and its network gone first. The API server goes on calling its pods Ready for a while. */
export async function powerOff(cluster: Cluster, node: number): Promise<void> {
  cluster.events.say(`node-${node} loses power`)
  lose(cluster, node)
  await Promise.all(podsOn(cluster, node).map((pod) => pod.powerOff()))
}

/** The same pods run again, each in a new sandbox with a new address. */
export function powerOn(cluster: Cluster, node: number): void {
  cluster.events.say(`node-${node} is back`)
  cluster.closedNodes.delete(node)
  for (const pod of podsOn(cluster, node)) {
    pod.nodeUnheard('no more')
    pod.start()
  }
}

/** Its pods reach each other and nothing else, no DNS either. They run on: their kubelet is beside them. */
export async function cutOff(cluster: Cluster, node: number): Promise<void> {
  cluster.events.say(`node-${node} is cut off`)
  lose(cluster, node)
  await cluster.network.cutOff([node])
}

export async function reconnect(cluster: Cluster, node: number): Promise<void> {
  cluster.events.say(`node-${node} is connected again`)
  await cluster.network.cutOff([])
  cluster.closedNodes.delete(node)
  for (const pod of podsOn(cluster, node)) pod.nodeUnheard('no more')
}

function lose(cluster: Cluster, node: number): void {
  cluster.closedNodes.add(node)
  const pods = podsOn(cluster, node)
  for (const pod of pods) pod.nodeUnheard('since now')
  setTimeout(() => {
    if (!cluster.closedNodes.has(node)) return
    for (const pod of pods) if (!pod.deleted) pod.nodeUnheard('for long')
  }, BELIEVED_MS).unref()
}

const podsOn = (cluster: Cluster, node: number): readonly Pod[] =>
  cluster.pods.filter(({ setup }) => setup.node === node && setup.owner !== undefined)
