import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { failoverInProgress, isObjectivelyDown, isSubjectivelyDown } from '../protocol/flags.js'
import type { SentinelEvent } from '../protocol/parse-event.js'
import { groupOf } from '../protocol/parse-event.js'
import type { Snapshot } from '../protocol/parse-reply.js'
import type { FailoverView, Judgement, SentinelView } from './topology.js'

export function unheard(key: string): SentinelView {
  return { key, reachable: false, tilt: false, unknownName: false, replicas: [], seenAt: 0 }
}

/** A sentinel's view after it was lost: what it publishes from now on is missed, so what would end by an event is forgotten. */
export function withoutContact(view: SentinelView, reason: string): SentinelView {
  const { failover: _done, announcedEpoch: _stale, ...rest } = view
  return { ...rest, reachable: false, tilt: false, error: reason }
}

/** A sentinel's view after it answered a round of questions. */
export function withSnapshot(view: SentinelView, snapshot: Snapshot, at: number): SentinelView {
  const base = {
    key: view.key,
    reachable: true,
    tilt: (snapshot.known ? snapshot.tilt : undefined) ?? view.tilt,
    seenAt: at,
    ...(snapshot.id === '' ? {} : { id: snapshot.id })
  }
  const announced = view.announcedEpoch === undefined ? {} : { announcedEpoch: view.announcedEpoch }
  const named = snapshot.id === view.id ? view.highestEpoch : undefined
  if (!snapshot.known) {
    const remembered = named === undefined ? {} : { highestEpoch: named }
    return { ...base, ...announced, ...remembered, unknownName: true, replicas: [] }
  }
  const verdict = isObjectivelyDown(snapshot.flags) ? 'odown' : isSubjectivelyDown(snapshot.flags) ? 'sdown' : 'up'
  const failover = failoverInProgress(snapshot.flags)
    ? (view.failover ?? { from: snapshot.judged, since: at, told: 'by-answer' as const })
    : unlessJustPublished(view.failover)
  const { quorum, downAfterMs, failoverTimeoutMs, configEpoch } = snapshot
  const highestEpoch = Math.max(configEpoch, named ?? configEpoch)
  return {
    ...base,
    ...announced,
    unknownName: false,
    primary: snapshot.primary,
    configEpoch: epochOf(snapshot, failover),
    highestEpoch,
    ...(configEpoch === 0 && highestEpoch > 0 ? { forgot: true } : {}),
    others: snapshot.others,
    replicas: snapshot.replicas,
    settings: { quorum, downAfterMs, failoverTimeoutMs },
    judgement: judge(view.judgement, snapshot.judged, verdict, at),
    ...(failover === undefined ? {} : { failover })
  }
}

/**
 * A leader that re-points replicas names its candidate already. Its config epoch is the one of its failover, or a later one that it
 * has heard of for the old primary: sentinel.c sentinelProcessHelloMessage() takes that over, and the candidate stays named.
 */
function epochOf(snapshot: Snapshot & { readonly known: true }, failover: FailoverView | undefined): number {
  const { primary, judged, configEpoch } = snapshot
  const ofFailover = sameAddress(primary, judged) ? undefined : failover?.epoch
  return Math.min(configEpoch, ofFailover ?? configEpoch)
}

/**
 * The first answer that shows no failover may have been given before the event that told of it, and be read after: they share
 * a socket, and an answer is complete only when the last of its questions is. The second was asked later.
 */
function unlessJustPublished(failover: FailoverView | undefined): FailoverView | undefined {
  return failover?.told === 'by-event' ? { ...failover, told: 'by-answer' } : undefined
}

/** A sentinel's view after it published an event of `group`, or one that names no group. Other groups' events change nothing. */
export function withEvent(view: SentinelView, event: SentinelEvent, group: string, at: number): SentinelView {
  const named = groupOf(event)
  if (named !== undefined && named !== group) return view
  switch (event.kind) {
    case 'tilt':
      return { ...view, tilt: event.channel === '+tilt' }
    case 'epoch':
      return { ...view, announcedEpoch: event.epoch }
    case 'switch':
      return withoutFailover(view)
    case 'instance':
      return withInstanceEvent(view, event, at)
    case 'vote':
    case 'unparsed':
      return view
  }
}

function withInstanceEvent(view: SentinelView, event: SentinelEvent & { kind: 'instance' }, at: number): SentinelView {
  const { channel, role, address, primary } = event
  switch (channel) {
    case '+sdown':
    case '+odown':
    case '-odown':
    case '-sdown': {
      if (role !== 'primary') return view
      // A primary that is back is -sdown first and -odown right behind (sentinel.c sentinelHandleRedisInstance()).
      const isBack = channel === '-odown' && view.judgement?.verdict === 'up'
      return isBack ? view : { ...view, judgement: judge(view.judgement, address, VERDICTS[channel], at) }
    }
    case '+try-failover':
      return {
        ...view,
        failover: {
          from: primary,
          since: at,
          told: 'by-event',
          ...(view.announcedEpoch === undefined ? {} : { epoch: view.announcedEpoch })
        }
      }
    case '+elected-leader':
    case '+failover-state-select-slave':
      return { ...view, failover: { from: primary, since: at, ...view.failover, told: 'by-event' } }
    case '+selected-slave':
    case '+failover-state-send-slaveof-noone':
      return { ...view, failover: chosen(view.failover, primary, address, at) }
    case '+failover-state-wait-promotion':
    case '+promoted-slave':
      return { ...view, failover: { ...chosen(view.failover, primary, address, at), ordered: true } }
    case '+failover-end':
    case '-failover-abort-not-elected':
    case '-failover-abort-no-good-slave':
    case '-failover-abort-slave-timeout':
    case '-failover-abort-master-is-back':
      return withoutFailover(view)
    default:
      return view
  }
}

const VERDICTS = { '+sdown': 'sdown', '+odown': 'odown', '-odown': 'sdown', '-sdown': 'up' } as const

function judge(before: Judgement | undefined, address: Address, verdict: Judgement['verdict'], at: number): Judgement {
  const same = before !== undefined && before.verdict === verdict && sameAddress(before.address, address)
  return same ? before : { address, verdict, since: at }
}

function chosen(before: FailoverView | undefined, from: Address, candidate: Address, at: number): FailoverView {
  const { ordered, ...rest } = before ?? { from, since: at }
  const kept = ordered === true && sameAddress(before?.candidate, candidate) ? { ordered } : {}
  return { ...rest, ...kept, candidate, told: 'by-event' }
}

/** The candidate said that it is a replica: if it says otherwise later, it was promoted in between. */
export function withReplicaSeen(view: SentinelView, address: Address): SentinelView {
  const { failover } = view
  if (failover === undefined || failover.ordered === true || !sameAddress(failover.candidate, address)) return view
  return { ...view, failover: { ...failover, ordered: true } }
}

function withoutFailover(view: SentinelView): SentinelView {
  const { failover, ...rest } = view
  return failover === undefined ? view : rest
}

/** A promotion that was followed early and taken back is not followed early again. */
export function withoutCandidate(view: SentinelView, candidate: Address): SentinelView {
  if (view.failover === undefined || !sameAddress(view.failover.candidate, candidate)) return view
  const { candidate: _refuted, ...failover } = view.failover
  return { ...view, failover }
}
