import { FailoverFailedError } from '../../errors.js'
import { failoverRefusal } from '../../protocol/failover-reply.js'
import { steadyNow } from '../steady-now.js'
import type { FailoverHost } from './failover-host.js'
import { soundSentinels } from './failover-host.js'
import type { ResolvedFailover } from './failover-options.js'
import { knownSoon } from './known-soon.js'
import { REMEDIES } from './remedies.js'

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
  await knownSoon(() => soundSentinels(host.topology()).length > 0, options.signal, options.timeoutMs)
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
