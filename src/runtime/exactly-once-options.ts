import { inspect } from 'node:util'
import { ConfigurationError } from '../errors.js'
import { suggestion } from '../nearest.js'
import type { ExactlyOnceOptions, ExactlyOnceSetting } from '../routing/exactly-once/options.js'
import { LONGEST_TTL_MS } from '../routing/exactly-once/options.js'

const NAMES: readonly string[] = ['token', 'ttlMs', 'tokenPrefix'] satisfies readonly (keyof ExactlyOnceOptions)[]
const LONGEST_TEXT = 256
const SHORTEST_TTL_MS = 1_000

/** Throws ConfigurationError for what `with({ exactlyOnce })` does not allow. */
export function checkExactlyOnce(setting: ExactlyOnceSetting): void {
  if (typeof setting === 'boolean') return
  if (typeof setting !== 'object' || (setting as unknown) === null || Array.isArray(setting)) {
    throw new ConfigurationError(
      `with({ exactlyOnce }) is ${inspect(setting)}; allowed: true, false, { ${NAMES.join(', ')} }`
    )
  }
  for (const name of Object.keys(setting)) {
    if (NAMES.includes(name)) continue
    throw new ConfigurationError(
      `with({ exactlyOnce }) takes no "${name}"; allowed: ${NAMES.join(', ')}${suggestion(name, NAMES)}`
    )
  }
  checkText('token', setting.token)
  checkText('tokenPrefix', setting.tokenPrefix)
  const { ttlMs } = setting
  if (ttlMs === undefined) return
  if (!Number.isInteger(ttlMs) || ttlMs < SHORTEST_TTL_MS || ttlMs > LONGEST_TTL_MS) {
    throw new ConfigurationError(
      `with({ exactlyOnce: { ttlMs } }) is ${inspect(ttlMs)}; allowed is a whole number of milliseconds from ${SHORTEST_TTL_MS} to ${LONGEST_TTL_MS} (30 days)`
    )
  }
}

function checkText(name: 'token' | 'tokenPrefix', value: unknown): void {
  if (value === undefined) return
  if (typeof value === 'string' && value.length >= 1 && value.length <= LONGEST_TEXT) return
  const given = typeof value === 'string' ? `a text of ${value.length} characters` : inspect(value)
  throw new ConfigurationError(
    `with({ exactlyOnce: { ${name} } }) is ${given}; allowed is a text of 1 to ${LONGEST_TEXT} characters`
  )
}
