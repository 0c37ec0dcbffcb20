import { inspect } from 'node:util'
import { ConfigurationError } from '../../errors.js'
import { nearestName } from '../../nearest.js'
import { LONGEST_TIMER_MS } from '../../options/longest-timer.js'

/** `coordinated`: writes stop until a replica has them all, then it is promoted. `manual`: SENTINEL FAILOVER as it is, which loses what the replica has not. */
export type FailoverMode = 'coordinated' | 'manual'

export interface FailoverOptions {
  /** Default `coordinated`. */
  readonly mode?: FailoverMode | undefined
  /**
   * Who coordinates. `client`, the default: this process stops the writes and watches over every step. `sentinel`: the leading sentinel
   * and the primary do, by SENTINEL FAILOVER … COORDINATED of Valkey 9 or newer, so that nothing is lost even if this process dies
   * meanwhile, and writes stand still for longer; where sentinels do not know it, as with `client`.
   */
  readonly by?: 'client' | 'sentinel' | undefined
  /** Milliseconds for all of it; default 30 000. What has not been asked of a sentinel by then is undone, what has been is carried on. */
  readonly timeoutMs?: number | undefined
  /**
   * How long it may wait, before anything is stopped, for the moment at which the sentinels will notice the promotion soonest; default
   * 11 000, since sentinels ask the replicas every 10 s. With 0 it begins at once, and clients that ask the sentinels find the new
   * primary up to a second later.
   */
  readonly patienceMs?: number | undefined
  /** Calls it off while nothing has been asked of a sentinel; ignored after that. */
  readonly signal?: AbortSignal | undefined
}

export interface ResolvedFailover {
  readonly mode: FailoverMode
  readonly by: 'client' | 'sentinel'
  readonly timeoutMs: number
  readonly patienceMs: number
  readonly signal: AbortSignal | undefined
}

const MODES: readonly FailoverMode[] = ['coordinated', 'manual']
const NAMES: readonly (keyof FailoverOptions)[] = ['mode', 'by', 'timeoutMs', 'patienceMs', 'signal']
const LEAST_TIMEOUT_MS = 1_000

/** Throws ConfigurationError for an option that failover() does not take, or a value that it does not allow. */
export function resolveFailover(options: FailoverOptions = {}): ResolvedFailover {
  if (typeof options !== 'object' || options === null)
    throw new ConfigurationError(`failover() was given ${inspect(options)}; allowed: an object of ${NAMES.join(', ')}`)
  for (const name of Object.keys(options)) {
    if ((NAMES as readonly string[]).includes(name)) continue
    const near = nearestName(name, NAMES)
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    throw new ConfigurationError(`failover() has no option "${name}".${hint} Allowed: ${NAMES.join(', ')}`)
  }
  const { mode = 'coordinated', by = 'client', timeoutMs = 30_000, patienceMs = 11_000, signal } = options
  if (!MODES.includes(mode))
    throw new ConfigurationError(`failover({ mode }) is ${inspect(mode)}; allowed: ${MODES.join(', ')}`)
  if (by !== 'client' && by !== 'sentinel')
    throw new ConfigurationError(`failover({ by }) is ${inspect(by)}; allowed: client, sentinel`)
  checkMs('timeoutMs', timeoutMs, LEAST_TIMEOUT_MS)
  checkMs('patienceMs', patienceMs, 0)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ConfigurationError(
      `failover({ signal }) is ${inspect(signal, { depth: 0 })}; allowed is an AbortSignal, such as AbortSignal.timeout(500)`
    )
  }
  return { mode, by, timeoutMs, patienceMs, signal }
}

function checkMs(name: string, value: unknown, least: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= LONGEST_TIMER_MS) return
  throw new ConfigurationError(
    `failover({ ${name} }) is ${inspect(value)}; allowed is a whole number of milliseconds from ${least} to ${LONGEST_TIMER_MS}`
  )
}
