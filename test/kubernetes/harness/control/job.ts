import { randomBytes } from 'node:crypto'
import type { Job } from '../manifests/objects.js'
import type { PodControl } from './pods.js'
import { revisionOf } from './revision.js'

/** One look of the Job controller, for Jobs of one pod that is made once: it stays when it has ended, and is not made again when it failed. */
export function reconcileJob({ kind, metadata, spec }: Job, control: PodControl): void {
  const owner = `${kind} ${metadata.name}`
  if (control.owned(owner).length > 0) return
  const { labels = {}, annotations = {} } = spec.template.metadata ?? {}
  control.create({
    name: `${metadata.name}-${randomBytes(3).toString('hex').slice(0, 5)}`,
    owner,
    revision: revisionOf(spec.template),
    labels: { ...labels, 'batch.kubernetes.io/job-name': metadata.name },
    annotations,
    spec: spec.template.spec
  })
}
