import type { Cluster } from '../cluster.js'
import type { Pod } from '../kubelet/pod.js'

/** All of the pod's processes stop where they are, until thawed. Its probes go on and may kill it. */
export async function freeze(pod: Pod): Promise<void> {
  pod.say('is frozen')
  await Promise.all(pod.containers.map(async ({ process }) => process?.signalAll('SIGSTOP')))
}

export async function thaw(pod: Pod): Promise<void> {
  pod.say('is thawed')
  await Promise.all(pod.containers.map(async ({ process }) => process?.signalAll('SIGCONT')))
}

/** Its volume is gone, and with it the pod: `kubectl delete pvc`, then `kubectl delete pod`. */
export async function loseVolume(cluster: Cluster, pod: Pod, { forced = false } = {}): Promise<void> {
  const claims = (pod.setup.spec.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])
  pod.say(`loses ${claims.join(', ')}`)
  // The controller makes a new claim for the new pod; the old one stays with the old pod until that has ended.
  const gone = cluster.deletePod(pod, { forced })
  if (!forced) await gone
  for (const claim of claims) cluster.claims.remove(claim)
  await gone
}
