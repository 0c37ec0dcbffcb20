import { claimsOf } from '../control/claims.js'
import { type Call, ExitError } from './call.js'
import { until } from './until.js'

/** `get pvc`: the first two columns of what kubectl prints. The others are the storage's. */
export function getClaims(call: Call, names: readonly string[]): void {
  const { claims } = call.cluster
  const found = names.length === 0 ? claims.names : names.filter((name) => claims.names.includes(name))
  const width = Math.max(4, ...found.map(({ length }) => length))
  const rows = found.map((name) => `${name.padEnd(width)}   Bound\n`)
  if (found.length > 0) call.out([`${'NAME'.padEnd(width)}   STATUS\n`, ...rows].join(''))
  mustBeThere(call, names, found)
}

/** `delete pvc`: each goes when no pod has it any more, which is waited for. */
export async function deleteClaims(call: Call, names: readonly string[], ignoreNotFound: boolean): Promise<void> {
  const { cluster, out } = call
  const found = names.filter((name) => cluster.claims.names.includes(name))
  for (const name of found) out(`persistentvolumeclaim "${name}" deleted\n`)
  await Promise.all(
    found.map(async (name) => {
      await until(call, () => !cluster.pods.some(({ setup }) => claimsOf(setup.spec).includes(name)))
      cluster.events.say(`claim ${name} is deleted`)
      cluster.claims.remove(name)
    })
  )
  if (!ignoreNotFound) mustBeThere(call, names, found)
}

function mustBeThere({ err }: Call, names: readonly string[], found: readonly string[]): void {
  const missing = names.filter((name) => !found.includes(name))
  for (const name of missing) err(`Error from server (NotFound): persistentvolumeclaims "${name}" not found\n`)
  if (missing.length > 0) throw new ExitError(1)
}
