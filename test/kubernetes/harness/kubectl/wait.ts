import type { Call } from './call.js'
import { type Target, targetOf } from './targets.js'
import { until } from './until.js'

/** kubectl's own, for each of what is waited for. */
const TIMEOUT_MS = 30_000

/** `wait` for pods that are there, one after the other. One that is not there is deleted already. */
export async function wait(
  call: Call,
  words: readonly string[],
  condition: string,
  timeoutMs = TIMEOUT_MS
): Promise<void> {
  const isMet = CONDITIONS[condition]
  if (isMet === undefined)
    throw new Error(`wait --for=${condition} is not done here; there is ${Object.keys(CONDITIONS).join(', ')}`)
  const targets = words.map(podTarget)
  const { cluster } = call
  const there = targets.filter(({ name }) => condition !== DELETED || cluster.pods.some((pod) => pod.name === name))
  for (const { name } of there) {
    await until(call, () => isMet(call, name), { timeoutMs, on: `pods/${name}` })
    call.out(`pod/${name} condition met\n`)
  }
}

const DELETED = 'delete'

const CONDITIONS: Readonly<Record<string, (call: Call, name: string) => boolean>> = {
  [DELETED]: ({ cluster }, name) => !cluster.pods.some((pod) => pod.name === name),
  'condition=Ready': ({ cluster }, name) => cluster.pod(name).ready
}

function podTarget(word: string): Target {
  const target = targetOf(word)
  if (target.kind !== 'Pod') throw new Error(`wait ${word} is not done here: pod/NAME is meant`)
  return target
}
