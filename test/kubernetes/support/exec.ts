import type { Pod } from '../harness/kubelet/pod.js'

const LIMIT_MS = 15_000

/** `kubectl exec -i` in a pod's first container. @throws Error with what it said, when it ended with another code than 0. */
export async function mustExec(pod: Pod, command: readonly string[], input = ''): Promise<string> {
  const { code, output } = await pod.container().exec(command, LIMIT_MS, input)
  if (code !== 0) throw new Error(`${pod.name}: ${command.join(' ')} ended with ${code}: ${output}`)
  return output
}
