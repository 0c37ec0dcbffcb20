import type { Call } from './call.js'

/** `get pods -o name`. */
export function namePods({ cluster, out }: Call): void {
  for (const pod of cluster.pods) out(`pod/${pod.name}\n`)
}

/** `delete pod`: resolves when it is gone. By force its object goes at once, its processes a little later. */
export async function deletePods(
  { cluster, out, err }: Call,
  names: readonly string[],
  forced: boolean
): Promise<void> {
  if (forced)
    err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n'
    )
  const pods = names.map((name) => cluster.pod(name))
  const ends = pods.map((pod) => cluster.deletePod(pod, { forced }))
  for (const { name } of pods) out(`pod "${name}" ${forced ? 'force ' : ''}deleted\n`)
  if (!forced) await Promise.all(ends)
}
