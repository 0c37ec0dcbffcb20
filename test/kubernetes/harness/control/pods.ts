import type { Pod } from '../kubelet/pod.js'
import type { PodSpec, Words } from '../manifests/objects.js'

export interface NewPod {
  readonly name: string
  readonly labels: Words
  readonly annotations: Words
  readonly spec: PodSpec
  readonly owner: string
  readonly revision: string
}

/** What the controllers may do with pods. */
export interface PodControl {
  /** Those whose object is there, ending ones too. */
  owned(owner: string): readonly Pod[]
  create(pod: NewPod): void
  remove(pod: Pod): void
  removeClaim(claim: string): void
}
