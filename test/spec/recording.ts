import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Address } from '../../src/protocol/address.js'
import { formatAddress, parseAddress } from '../../src/protocol/address.js'
import { isSentinelChannel } from '../../src/protocol/channels.js'
import { parseEvent } from '../../src/protocol/parse-event.js'
import type { SnapshotReplies } from '../../src/protocol/parse-reply.js'
import { parseSnapshot } from '../../src/protocol/parse-reply.js'
import type { Observation } from '../../src/topology/observation.js'
import type { PromotionMode, TopologyState } from '../../src/topology/reduce.js'
import { initialState, reduce } from '../../src/topology/reduce.js'

/** Made by scripts/record-sentinel.ts: milliseconds since the beginning, and what was seen. */
export type Entry =
  | { readonly at: number; readonly sentinel: string; readonly channel: string; readonly message: string }
  /** What has changed since this sentinel's answer before. */
  | { readonly at: number; readonly sentinel: string; readonly asked: Partial<SnapshotReplies> }
  | { readonly at: number; readonly sentinel: string; readonly lost: string }
  | { readonly at: number; readonly node: string; readonly role: 'primary' | 'replica' | 'unreachable' }
  | { readonly at: number; readonly did: string }

export interface Recording {
  readonly scenario: string
  readonly group: string
  readonly server: string
  /** The first answers of one sentinel with all their fields. */
  readonly raw: SnapshotReplies
  readonly entries: readonly Entry[]
}

const FOLDER = fileURLToPath(new URL('./fixtures/', import.meta.url))

export function readRecordings(): readonly Recording[] {
  return readdirSync(FOLDER).map((file) => {
    const [header, ...entries] = readFileSync(FOLDER + file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    return { ...(header as Omit<Recording, 'entries'>), entries: entries as Entry[] }
  })
}

/** The answers as they were given: each with what had not changed since the one before. */
export function answersIn({ entries }: Recording): { readonly entry: Entry; readonly replies: SnapshotReplies }[] {
  const known = new Map<string, Partial<SnapshotReplies>>()
  return entries.flatMap((entry) => {
    if (!('asked' in entry)) return []
    const replies = { ...known.get(entry.sentinel), ...entry.asked } as SnapshotReplies
    known.set(entry.sentinel, replies)
    return [{ entry, replies }]
  })
}

export interface Played {
  readonly observation: Observation
  readonly state: TopologyState
}

/** Folds a recording in, asking the candidate for its role after every step as the client does. */
export function play(recording: Recording, promotion: PromotionMode): readonly Played[] {
  const played: Played[] = []
  const roles = new Map<string, 'primary' | 'replica'>()
  const replies = new Map(answersIn(recording).map((answer) => [answer.entry, answer.replies]))
  let state = initialState(recording.group)
  const observe = (observation: Observation): void => {
    state = reduce(state, observation, { promotion, confirmWithinMs: 5_000 })
    played.push({ observation, state })
  }
  for (const entry of recording.entries) {
    if ('node' in entry) {
      if (entry.role === 'unreachable') roles.delete(entry.node)
      else roles.set(entry.node, entry.role)
    }
    const observation = observationOf(entry, replies.get(entry))
    if (observation === undefined) continue
    observe(observation)
    const { phase } = state.topology
    const candidate =
      phase.kind === 'verifying' ? phase.candidate : phase.kind === 'failover' ? phase.candidate?.address : undefined
    const role = candidate === undefined ? undefined : roles.get(formatAddress(candidate))
    if (candidate !== undefined && role !== undefined) observe({ kind: 'role', at: entry.at, address: candidate, role })
  }
  return played
}

function observationOf(entry: Entry, replies: SnapshotReplies | undefined): Observation | undefined {
  const { at } = entry
  if ('did' in entry) return undefined
  if ('node' in entry) {
    const address = addressOf(entry.node)
    return entry.role === 'unreachable'
      ? { kind: 'node-error', at, address, error: 'link-lost' }
      : { kind: 'role', at, address, role: entry.role }
  }
  const from = entry.sentinel
  if ('lost' in entry) return { kind: 'sentinel-lost', at, from, reason: entry.lost }
  if (replies !== undefined) return { kind: 'snapshot', at, from, snapshot: parseSnapshot(replies) }
  if (!('channel' in entry) || !isSentinelChannel(entry.channel)) return undefined
  return { kind: 'event', at, from, event: parseEvent(entry.channel, entry.message) }
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text, 0)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.address
}
