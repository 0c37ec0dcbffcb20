import type { Pod } from '../kubelet/pod.js'
import type { PodDisruptionBudget } from '../manifests/objects.js'
import { amount } from './deployment.js'
import { selects } from './labels.js'

/** Why the eviction API would refuse to end this pod now; undefined when it would not. `pods` are all, `expected` how many each budget's selector should find. */
export function whyNotEvict(
  pod: Pod,
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
  expected: (budget: PodDisruptionBudget) => number
): string | undefined {
  const mine = budgets.filter(({ spec }) => selects(spec.selector, pod.setup.labels))
  for (const budget of mine) {
    const { selector, maxUnavailable, minAvailable, unhealthyPodEvictionPolicy = 'IfHealthyBudget' } = budget.spec
    const healthy = pods.filter((each) => selects(selector, each.setup.labels) && each.ready && !each.terminating)
    const all = expected(budget)
    const wanted =
      minAvailable === undefined
        ? all - amount(maxUnavailable ?? 1, all, Math.ceil)
        : amount(minAvailable, all, Math.ceil)
    if (!pod.ready && (unhealthyPodEvictionPolicy === 'AlwaysAllow' || healthy.length >= wanted)) continue
    if (healthy.length - 1 < wanted)
      return `PodDisruptionBudget ${budget.metadata.name}: ${healthy.length} are healthy, ${wanted} have to stay so`
  }
  return undefined
}
