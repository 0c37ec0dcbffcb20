import type { Cluster } from '../cluster.js'
import { claimsOf } from '../control/claims.js'
import type { Pod } from '../kubelet/pod.js'
import { nodeOf, uncordon } from '../kubectl.js'

const FILL_LIMIT_MS = 30_000

/** All of the pod's processes stop where they are, until thawed. Its probes go on and may kill it. */
export async function freeze(pod: Pod): Promise<void> {
  pod.say('is frozen')
  await Promise.all(pod.containers.map(async ({ process }) => process?.signalAll('SIGSTOP')))
}

export async function thaw(pod: Pod): Promise<void> {
  pod.say('is thawed')
  await Promise.all(pod.containers.map(async ({ process }) => process?.signalAll('SIGCONT')))
}

/** It ends without a word, and its node takes no pods: nobody but another one can take its place until what is returned opens the node again. */
export async function loseForGood(cluster: Cluster, pod: Pod): Promise<() => void> {
  const node = nodeOf(pod)
  cluster.closedNodes.add(node)
  await pod.powerOff()
  await cluster.deletePod(pod, { forced: true })
  return () => {
    uncordon(cluster, node)
  }
}

/** Its volume is gone, and with it the pod: `kubectl delete pvc`, then `kubectl delete pod`. */
export async function loseVolume(cluster: Cluster, pod: Pod, { forced = false } = {}): Promise<void> {
  const claims = claimsOf(pod.setup.spec)
  pod.say(`loses ${claims.join(', ')}`)
  // The controller makes a new claim for the new pod; the old one stays with the old pod until that has ended.
  const gone = cluster.deletePod(pod, { forced })
  if (!forced) await gone
  for (const claim of claims) cluster.claims.remove(claim)
  await gone
}

/**
 * A volume of its first container is full: what is there stays and can be read, nothing can be added. It is so until that container ends:
 * the next one has the volume again as it was when it became full.
 */
export async function fillVolume(pod: Pod, path: string): Promise<void> {
  const script = `mkdir /tmp/kept && cp -pR ${path}/. /tmp/kept && size=$(du -sk /tmp/kept | cut -f 1) &&
    mount -t tmpfs -o mode=2775,size=$((size + 8))k tmpfs ${path} && cp -pR /tmp/kept/. ${path} && rm -r /tmp/kept &&
    { cat /dev/zero > ${path}/fill 2> /dev/null || true; } && df -k ${path} | tail -n 1`
  const { code, output } = (await pod.container().process?.execAsRoot(['sh', '-c', script], FILL_LIMIT_MS)) ?? {
    code: 126,
    output: 'its container does not run'
  }
  if (code !== 0 || !/ 0 +100% /.test(output)) throw new Error(`${pod.name}: ${path} is not full: ${output}`)
  pod.say(`has no space left on ${path}`)
}
