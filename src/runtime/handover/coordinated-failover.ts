import { FailoverFailedError } from '../../errors.js'
import type { FailoverStep } from '../../errors.js'
import type { Address } from '../../protocol/address.js'
import { formatAddress, sameAddress } from '../../protocol/address.js'
import { failoverRefusal } from '../../protocol/failover-reply.js'
import { steadyNow } from '../steady-now.js'
import { pause } from '../backoff.js'
import { Limit } from '../limit.js'
import { AskedNode } from './asked-node.js'
import { caughtUp } from './catch-up.js'
import type { FailoverHost } from './failover-host.js'
import type { ResolvedFailover } from './failover-options.js'
import { knownSoon } from './known-soon.js'
import { candidatesOf } from './moment.js'
import type { View } from './moment.js'
import { OldPrimary, PAUSE_LEASE_MS } from './old-primary.js'
import { allName, promotionOf } from './promotion.js'
import { NEEDED_RIGHTS, REMEDIES } from './remedies.js'
import { Waiting } from './waiting.js'

/** Writers wait at most this long for replicas that were not far behind a moment before. */
const MOST_CATCH_UP_MS = 1_000
/** Of down-after: a sentinel's own PUBLISH waits in the pause too, and its PING behind it. */
const SHARE_OF_DOWN_AFTER = 0.6
/** A leader promotes within a third of a second, or hangs: then writes are not stopped for as long as it does. */
const MOST_PROMOTION_MS = 5_000
/** So long the old primary is told again and again to follow the new one. */
const MOST_REPOINTING_MS = 5_000
const TELL_AGAIN_AFTER_MS = 50
/** Sentinels that have not heard of it by then are not waited for. */
const MOST_NAMING_MS = 5_000

/** Hands the primary's place to a replica that has all of its writes; gives the new primary. Rejects with FailoverFailedError, having undone what can be undone. */
export async function coordinatedFailover(host: FailoverHost, options: ResolvedFailover): Promise<Address> {
  const handover = new Handover(host, options)
  try {
    return await handover.run()
  } finally {
    handover.close()
  }
}

class Handover {
  readonly #host: FailoverHost
  readonly #options: ResolvedFailover
  /** The time and the caller's signal: obeyed until a sentinel has been asked. */
  readonly #revocable: Limit
  readonly #nodes: AskedNode[] = []
  #step: FailoverStep = 'prepare'
  #from: Address | undefined
  #old: OldPrimary | undefined

  constructor(host: FailoverHost, options: ResolvedFailover) {
    this.#host = host
    this.#options = options
    this.#revocable = new Limit({ withinMs: options.timeoutMs, and: options.signal })
  }

  async run(): Promise<Address> {
    const { old, primary } = await this.#prepare()
    const view = await this.#chooseMoment(primary)
    const replicas = candidatesOf(view).map(({ address }) => this.#node(address, 'replica'))
    if (this.#options.by !== 'sentinel' || !(await this.#leaveItToTheSentinel(view.sentinel))) {
      await this.#stopWrites(old, primary, replicas)
      await this.#askFor(view.sentinel, old)
    }
    const to = await this.#untilPromoted(view.sentinel, replicas, old)
    await this.#moveOn(old, to)
    return to
  }

  close(): void {
    this.#revocable.end()
    this.#host.releaseWrites()
    this.#old?.close()
    for (const node of this.#nodes) node.close()
  }

  async #prepare(): Promise<{ readonly old: OldPrimary; readonly primary: AskedNode }> {
    const atRest = (): boolean => this.#host.topology().phase.kind === 'stable'
    await knownSoon(atRest, this.#revocable.signal)
    const { primary, phase } = this.#host.topology()
    if (primary === undefined || !atRest())
      throw this.#failed(`the group is not at rest (phase ${phase.kind})`, 'Wait until it is stable.')
    this.#from = primary.address
    const node = this.#node(primary.address, 'primary')
    const old = new OldPrimary(node)
    this.#old = old
    try {
      const [missing, { role }] = await Promise.all([old.missingRights(), node.position()])
      if (missing.length > 0) throw new Error(`NOPERM the user lacks ${missing.join(' ')}`)
      if (role !== 'primary') throw new Error(`${formatAddress(primary.address)} says that it is a replica`)
    } catch (error) {
      const why = wordsOf(error)
      const remedy = failoverRefusal(why) === 'not-allowed' ? NEEDED_RIGHTS : 'Nothing was changed.'
      throw this.#failed(`${formatAddress(primary.address)}: ${why}`, remedy, 'unchanged', error)
    }
    return { old, primary: node }
  }

  /** Writes go on meanwhile. */
  async #chooseMoment(primary: AskedNode): Promise<View> {
    this.#step = 'wait'
    this.#did('waiting', 'for the moment at which sentinels will notice soonest')
    const waiting = new Waiting(this.#host, primary, ({ address }) => this.#node(address, 'replica'))
    const view = await waiting.forMoment(this.#options.patienceMs, this.#revocable.signal)
    const { primary: now, phase } = this.#host.topology()
    if (!sameAddress(now?.address, this.#from) || phase.kind !== 'stable')
      throw this.#failed(`the group is not at rest any more (phase ${phase.kind})`, 'Nothing was changed.')
    if (view !== undefined) return view
    throw this.#failed(
      waiting.obstacle,
      'Nothing was changed. Every replica that a sentinel might choose has to keep up with the primary; one that cannot may be given replica-priority 0.'
    )
  }

  async #stopWrites(old: OldPrimary, primary: AskedNode, replicas: readonly AskedNode[]): Promise<void> {
    this.#step = 'pause'
    try {
      await this.#host.holdWrites()
      this.#revocable.signal.throwIfAborted()
      await old.pause()
      this.#did('paused', formatAddress(primary.address))
      this.#step = 'catch-up'
      const downAfterMs = this.#host.topology().settings?.downAfterMs ?? Infinity
      const within = Math.min(MOST_CATCH_UP_MS, Math.ceil(downAfterMs * SHARE_OF_DOWN_AFTER))
      const { offset, history, role } = await primary.position()
      if (role !== 'primary') throw new Error(`${formatAddress(primary.address)} has become a replica`)
      const limit = new Limit({ withinMs: within, and: this.#revocable.signal })
      await caughtUp(replicas, { offset, history }, limit.signal).finally(() => {
        limit.end()
      })
      this.#did('caught up', `${replicas.length} at ${offset}`)
    } catch (error) {
      const undone = await this.#resume(old)
      const remedy = /^NOPERM/.test(wordsOf(error)) ? NEEDED_RIGHTS : 'No sentinel was asked.'
      throw this.#failed(`${wordsOf(error)}. ${undone}`, remedy, 'unchanged', error)
    }
  }

  async #askFor(sentinel: string, old: OldPrimary): Promise<void> {
    this.#step = 'ask'
    const { kind } = this.#host.topology().phase
    if (kind === 'failover' || kind === 'verifying')
      throw this.#failed(`another one has begun (phase ${kind}). ${this.#leavePaused(old)}`, REMEDIES['under-way'])
    try {
      await this.#host.askSentinel(sentinel, 'FAILOVER', this.#host.group)
      this.#did('asked', `sentinel ${sentinel}`)
    } catch (error) {
      const refusal = failoverRefusal(wordsOf(error))
      // Without an answer it may have begun all the same; whether it has is seen next.
      if (refusal === 'other') return
      const undone = refusal === 'under-way' ? this.#leavePaused(old) : await this.#resume(old)
      throw this.#failed(
        `the sentinel ${sentinel} answers "${wordsOf(error)}". ${undone}`,
        REMEDIES[refusal],
        'unchanged',
        error
      )
    }
  }

  /** False when this sentinel cannot coordinate by itself. */
  async #leaveItToTheSentinel(sentinel: string): Promise<boolean> {
    this.#step = 'ask'
    try {
      await this.#host.holdWrites()
      await this.#host.askSentinel(sentinel, 'FAILOVER', this.#host.group, 'COORDINATED')
      this.#did('asked', `sentinel ${sentinel}, to coordinate it`)
      return true
    } catch (error) {
      const refusal = failoverRefusal(wordsOf(error))
      if (refusal === 'other') return true
      if (refusal === 'unknown-words') return false
      throw this.#failed(`the sentinel ${sentinel} answers "${wordsOf(error)}"`, REMEDIES[refusal], 'unchanged', error)
    }
  }

  async #untilPromoted(leader: string, replicas: readonly AskedNode[], old: OldPrimary): Promise<Address> {
    this.#step = 'promote'
    const from = old.address
    const limit = AbortSignal.timeout(MOST_PROMOTION_MS)
    const to = await promotionOf(this.#host, replicas, { leader, from }, limit)
    if (to !== undefined) return to
    const undone = await this.#resume(old)
    if (!limit.aborted)
      throw this.#failed(`the sentinel ${leader} gave the failover up. ${undone}`, REMEDIES['nobody-fit'])
    throw this.#failed(
      `no replica was promoted within ${MOST_PROMOTION_MS} ms of asking. ${undone}`,
      `The sentinel ${leader} may have begun and promote one yet, as in a failover by hand: what ${formatAddress(from)} acknowledges until then could be lost.`,
      'unknown'
    )
  }

  /** There is no way back from here: the old primary must not execute what its writers wait with. */
  async #moveOn(old: OldPrimary, to: Address): Promise<void> {
    this.#did('promoted', formatAddress(to))
    this.#step = 'repoint'
    try {
      const { lapsed } = old
      await this.#repoint(old, to)
      this.#did('repointed', formatAddress(old.address))
      this.#step = 'announce'
      const all = await allName(this.#host, to, AbortSignal.timeout(MOST_NAMING_MS))
      this.#did('announced', all ? 'by all sentinels' : `not by all within ${MOST_NAMING_MS} ms`)
      this.#step = 'let go'
      await old.letGo()
      this.#did('let go', formatAddress(old.address))
      const unwritten = await old.remember().catch(wordsOf)
      if (unwritten !== undefined) this.#did('not written down', unwritten)
      if (lapsed) throw new Error('its pause had run out before, and writes that other clients made then may be lost')
    } catch (error) {
      const sentence = `${formatAddress(to)} is the primary now, but at the old one, ${formatAddress(old.address)}: ${wordsOf(error)}`
      throw this.#failed(sentence, 'The sentinels make it a replica within about ten seconds.', 'moved', error)
    }
  }

  async #repoint(old: OldPrimary, to: Address): Promise<void> {
    const limit = AbortSignal.timeout(MOST_REPOINTING_MS)
    for (;;) {
      try {
        await old.follow(to)
        return
      } catch (error) {
        if (limit.aborted) throw error
        await pause(TELL_AGAIN_AFTER_MS, limit)
      }
    }
  }

  /** Lets writes go on at the old primary, and says in words what came of it. */
  async #resume(old: OldPrimary): Promise<string> {
    const where = formatAddress(old.address)
    try {
      if (old.paused) {
        await old.unpause()
        this.#did('undone', `${where} takes writes again`)
      }
      return `Writes go on at ${where}`
    } catch (error) {
      return `CLIENT UNPAUSE failed at ${where} (${wordsOf(error)}), and its pause ends by itself within ${PAUSE_LEASE_MS} ms`
    } finally {
      this.#host.releaseWrites()
    }
  }

  /** The pause is another one's too, who relies on it: UNPAUSE would end both. */
  #leavePaused(old: OldPrimary): string {
    old.close()
    this.#host.releaseWrites()
    return `The pause at ${formatAddress(old.address)} is left to the other one, and ends by itself within ${PAUSE_LEASE_MS} ms`
  }

  #node(address: Address, kind: 'primary' | 'replica'): AskedNode {
    const known = this.#nodes.find((node) => sameAddress(node.address, address))
    if (known !== undefined) return known
    const node = new AskedNode(this.#host, address, kind)
    this.#nodes.push(node)
    return node
  }

  #did(what: string, detail: string): void {
    this.#host.did(steadyNow(), `handover: ${what}`, detail)
  }

  #failed(
    why: string,
    remedy: string,
    primary: FailoverFailedError['primary'] = 'unchanged',
    cause?: unknown
  ): FailoverFailedError {
    const { group } = this.#host
    const step = this.#step
    return new FailoverFailedError(`failover of "${group}" stopped at "${step}": ${why}. ${remedy}`, {
      group,
      stage: step === 'prepare' || step === 'wait' ? 'queued' : 'in-flight',
      step,
      primary,
      phase: this.#host.topology().phase.kind,
      endpoint: this.#from,
      cause
    })
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
