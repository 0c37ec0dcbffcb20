import { createHash } from 'node:crypto'
import type { PodTemplate } from '../manifests/objects.js'

/** Changes when anything in the template does. */
export function revisionOf(template: PodTemplate): string {
  return createHash('sha1').update(JSON.stringify(template)).digest('hex').slice(0, 10)
}
