/** What a control plane, a kubelet and kube-proxy take, in milliseconds; about what a small quiet cluster showed. */
export interface Latencies {
  /** From the making of a pod's object to its first container: scheduling, sandbox, an image that is there already. */
  readonly podStartMs: number
  /** From the end of a pod's last process to its object being gone. */
  readonly podRemovalMs: number
  /** From a change of readiness to the Services' addresses. */
  readonly endpointsMs: number
  /** From a change of a ConfigMap or Secret to the files of its volumes: 4 s were seen, up to 90 s are possible. */
  readonly volumeUpdateMs: number
  /** How long the containers of a pod that is deleted by force go on. */
  readonly forcedEndMs: number
}

export const LATENCIES: Latencies = {
  podStartMs: 700,
  podRemovalMs: 300,
  endpointsMs: 300,
  volumeUpdateMs: 4_000,
  forcedEndMs: 1_600
}
