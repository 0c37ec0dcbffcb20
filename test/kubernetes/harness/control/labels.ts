import type { LabelSelector, Words } from '../manifests/objects.js'

export function matches(labels: Words, wanted: Words): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

/** A selector without labels selects everything, no selector nothing. */
export function selects(selector: LabelSelector | undefined, labels: Words): boolean {
  return selector !== undefined && matches(labels, selector.matchLabels ?? {})
}
