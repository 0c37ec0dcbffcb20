import type { Alert } from '../../manifests/support/alerts.js'
import { type KubernetesObject, ofKind } from '../../manifests/support/objects.js'

interface RuleGroup {
  name: string
  interval?: string
  rules: Alert[]
}

export const groupsOf = (objects: readonly KubernetesObject[]): readonly RuleGroup[] =>
  ofKind(objects, 'PrometheusRule').flatMap(({ spec }) => (spec as { groups: RuleGroup[] }).groups)

/** A file of rules with the expressions as they are, looked at each second, and no `for` longer than `lasting`. */
export function hurried(groups: readonly RuleGroup[], lasting: string): string {
  const shorter = groups.map((group) => ({
    ...group,
    interval: '1s',
    rules: group.rules.map((rule) => ({ ...rule, for: rule.for === '0s' ? '0s' : lasting }))
  }))
  return JSON.stringify({ groups: shorter })
}
