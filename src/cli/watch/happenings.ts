import pc from 'picocolors'
import type { SentinelRedis, Topology } from '../../index.js'
import { formatAddress } from '../address.js'
import { whyNot } from '../status/own-words.js'
import { sumUp, timelineJson } from '../timeline.js'

/** Something that happened to a group, for people and for programs. */
export interface Happening {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The name of the client's event. */
  readonly event: string
  readonly text: string
  /** Something is worse than before. */
  readonly isBad: boolean
  readonly data: object
}

const PLAIN = pc.createColors(false)

/** A replica that is none any more. */
const WHAT_IT_IS = {
  primary: 'is the primary now',
  down: 'is down',
  gone: 'is not among the replicas any more'
} as const

/** Tells `onHappening` of all that this client notices, until the function it returns is called. */
export function listen(client: SentinelRedis, onHappening: (happening: Happening) => void): () => void {
  const undo: (() => void)[] = []
  const on: SentinelRedis['on'] = ((event: string, listener: (...words: never[]) => void) => {
    client.on(event as 'error', listener as never)
    undo.push(() => client.off(event, listener as never))
    return client
  }) as never
  const tell = (event: string, text: string, data: object, isBad = false): void => {
    onHappening({ at: Date.now(), event, text, isBad, data })
  }
  on('failover-started', (topology) => {
    tell('failover-started', `failover begins: ${phaseText(topology)}`, { phase: topology.phase.kind })
  })
  on('failover', (timeline) => {
    tell('failover', sumUp(timeline, PLAIN), timelineJson(timeline))
  })
  on('primary-changed', ({ from, to }) => {
    const before = from === undefined ? null : formatAddress(from.address)
    tell('primary-changed', `primary: ${before ?? 'none'} → ${formatAddress(to.address)}`, {
      from: before,
      to: formatAddress(to.address)
    })
  })
  on('replica-up', ({ address }) => {
    tell('replica-up', `replica ${formatAddress(address)} is up`, { address: formatAddress(address) })
  })
  on('replica-down', ({ address }) => {
    const { primary, replicas } = client.topology
    const key = formatAddress(address)
    const isOne = replicas.some((replica) => formatAddress(replica.address) === key)
    const isPrimary = primary !== undefined && formatAddress(primary.address) === key
    const now = isPrimary ? 'primary' : isOne ? 'down' : 'gone'
    tell('replica-down', `replica ${key} ${WHAT_IT_IS[now]}`, { address: key, now }, !isPrimary)
  })
  on('sentinel-up', ({ key }) => {
    tell('sentinel-up', `sentinel ${key} answers`, { address: key })
  })
  on('sentinel-down', (sentinel) => {
    const { key, error } = sentinel
    const why = whyNot(sentinel)
    const text = `sentinel ${key} does not answer${why === undefined ? '' : `: ${why}`}`
    tell('sentinel-down', text, { address: key, error: error ?? null }, true)
  })
  let phase = client.topology.phase.kind
  on('topology', (topology) => {
    if (topology.phase.kind === phase) return
    phase = topology.phase.kind
    tell('phase', `phase: ${phaseText(topology)}`, { phase })
  })
  return () => {
    for (const one of undo) one()
  }
}

/** The phase with what is known of it. */
export function phaseText({ phase }: Topology): string {
  switch (phase.kind) {
    case 'suspect':
      return `suspect (${phase.by})`
    case 'failover':
      return phase.candidate === undefined ? 'failover' : `failover to ${formatAddress(phase.candidate.address)}`
    case 'verifying':
      return `verifying ${formatAddress(phase.candidate)}`
    case 'unknown':
    case 'stable':
      return phase.kind
  }
}
