import { FailoverFailedError } from '../../errors.js'
import { failoverRefusal } from '../../protocol/failover-reply.js'
import { pause } from '../backoff.js'
import { Limit } from '../limit.js'
import { steadyNow } from '../steady-now.js'
import type { FailoverHost } from './failover-host.js'
import { soundSentinels } from './failover-host.js'
import type { ResolvedFailover } from './failover-options.js'
import { REMEDIES } from './remedies.js'

/** A client that has only begun needs a moment to know its sentinels. */
const KNOWN_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 20

/** SENTINEL FAILOVER at the first sentinel that takes it. Rejects with FailoverFailedError when none does. */
export async function askForFailover(host: FailoverHost, options: ResolvedFailover): Promise<undefined> {
  const failed = (
    why: string,
    remedy: string,
    primary: FailoverFailedError['primary'],
    cause?: unknown
  ): FailoverFailedError =>
    new FailoverFailedError(`failover of "${host.group}" stopped at "ask": ${why}. ${remedy}`, {
      group: host.group,
      stage: 'queued',
      step: 'ask',
      primary,
      phase: host.topology().phase.kind,
      cause
    })
  const limit = new Limit({ withinMs: Math.min(KNOWN_WITHIN_MS, options.timeoutMs), and: options.signal })
  try {
    while (soundSentinels(host.topology()).length === 0 && !limit.signal.aborted)
      await pause(LOOK_EVERY_MS, limit.signal)
  } finally {
    limit.end()
  }
  let refused = failed('no sentinel can be asked', 'See redis.topology.sentinels for why.', 'unchanged')
  for (const sentinel of soundSentinels(host.topology())) {
    if (options.signal?.aborted === true)
      throw failed(`it was called off (${String(options.signal.reason)})`, 'Nothing was changed.', 'unchanged')
    try {
      await host.askSentinel(sentinel, 'FAILOVER', host.group)
      host.did(steadyNow(), 'failover: asked', `sentinel ${sentinel}`)
      return undefined
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const refusal = failoverRefusal(why)
      // Without an answer it may have begun all the same.
      const primary = refusal === 'other' ? 'unknown' : 'unchanged'
      refused = failed(`the sentinel ${sentinel} answers "${why}"`, REMEDIES[refusal], primary, error)
      // Only whether a replica is fit is seen by each in its own way.
      if (refusal !== 'nobody-fit') throw refused
    }
  }
  throw refused
}
