import { inspect } from 'node:util'
import { ConfigurationError } from '../../errors.js'
import { suggestion } from '../../nearest.js'
import type { TransactionOptions } from './transaction-types.js'

const DEFAULT_ATTEMPTS = 32
const NAMES: readonly string[] = ['attempts'] satisfies readonly (keyof TransactionOptions)[]

/** Throws ConfigurationError for what transaction() does not take. */
export function checkTransaction(run: unknown, options: TransactionOptions | undefined): { readonly attempts: number } {
  if (typeof run !== 'function')
    throw new ConfigurationError(
      `transaction() was given ${inspect(run, { depth: 0 })}; allowed is a function: transaction(async (tx) => …)`
    )
  if (options !== undefined && (typeof options !== 'object' || (options as unknown) === null))
    throw new ConfigurationError(`transaction(…, ${inspect(options)}); allowed as options: { ${NAMES.join(', ')} }`)
  for (const name of Object.keys(options ?? {})) {
    if (NAMES.includes(name)) continue
    throw new ConfigurationError(
      `transaction() takes no option "${name}"; allowed: ${NAMES.join(', ')}, and those of with(): client.with({ deadlineMs, signal, durability, idempotent, exactlyOnce }).transaction(…)${suggestion(name, NAMES)}`
    )
  }
  const attempts = options?.attempts ?? DEFAULT_ATTEMPTS
  if (attempts !== Infinity && !(Number.isInteger(attempts) && attempts >= 1))
    throw new ConfigurationError(
      `transaction(…, { attempts: ${inspect(attempts)} }); allowed is a whole number from 1, or Infinity`
    )
  return { attempts }
}
