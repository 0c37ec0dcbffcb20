import fc from 'fast-check'
import type { Address } from '../../../src/protocol/address.js'
import { formatAddress } from '../../../src/protocol/address.js'
import { SENTINEL_CHANNELS } from '../../../src/protocol/channels.js'
import { parseEvent } from '../../../src/protocol/parse-event.js'
import type { Snapshot } from '../../../src/protocol/parse-reply.js'
import type { Observation } from '../../../src/topology/observation.js'

/** Few of everything, so that random lives meet. */
const NODES: readonly Address[] = [1, 2, 3].map((last) => ({ host: `10.0.0.${last}`, port: 6379 }))
const KEYS = ['s1:26379', 's2:26379', 's3:26379']

const node = fc.constantFrom(...NODES)
const key = fc.constantFrom(...KEYS)
const flags = fc.subarray(['s_down', 'o_down', 'disconnected', 'failover_in_progress'], { maxLength: 3 })

const snapshot: fc.Arbitrary<Snapshot> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      known: fc.constant(true as const),
      id: fc.constantFrom('a', 'b', 'c', 'x', 'y', 'z', ''),
      primary: node,
      judged: node,
      configEpoch: fc.nat(4),
      flags,
      quorum: fc.constantFrom(1, 2),
      downAfterMs: fc.constant(1_000),
      failoverTimeoutMs: fc.constant(10_000),
      others: fc.constantFrom(0, 2, 2, 2),
      replicas: fc
        .subarray([...NODES])
        .chain((some) =>
          fc
            .record({ linkUp: fc.boolean(), flags })
            .map((one) =>
              some.map((address) => ({ address, linkDownMs: 0, priority: 100, offset: 1, announced: true, ...one }))
            )
        ),
      sentinels: fc.constant([])
    })
  },
  { weight: 1, arbitrary: fc.constant({ known: false as const, id: 'a' }) }
)

const message = fc.oneof(
  fc.tuple(node).map(([a]) => `master mymaster ${a.host} ${a.port}`),
  fc.tuple(node, node).map(([a, b]) => `slave ${formatAddress(b)} ${b.host} ${b.port} @ mymaster ${a.host} ${a.port}`),
  fc.tuple(node, node).map(([a, b]) => `mymaster ${a.host} ${a.port} ${b.host} ${b.port}`),
  fc.nat(6).map(String)
)

const event = fc
  .oneof(
    fc
      .tuple(
        fc.constantFrom('+try-failover', '+odown', '-odown', '-failover-abort-slave-timeout', '+failover-end'),
        node
      )
      .map(([channel, a]) => [channel, `master mymaster ${a.host} ${a.port}`] as const),
    fc
      .tuple(fc.constantFrom('+selected-slave', '+failover-state-wait-promotion'), node, node)
      .map(
        ([channel, a, b]) =>
          [channel, `slave ${formatAddress(b)} ${b.host} ${b.port} @ mymaster ${a.host} ${a.port}`] as const
      ),
    fc.tuple(fc.constantFrom(...SENTINEL_CHANNELS), message)
  )
  .map(([channel, text]) => parseEvent(channel, text))

const role = fc.record({
  kind: fc.constant('role' as const),
  address: node,
  role: fc.constantFrom('primary' as const, 'primary' as const, 'replica' as const)
})

const observation: fc.Arbitrary<Untimed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), from: key, snapshot }) },
  { weight: 5, arbitrary: role },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('event' as const), from: key, event }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sentinel-added' as const), from: key }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('sentinel-lost' as const), from: key, reason: fc.constant('gone') })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sentinel-removed' as const), from: key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('node-error' as const),
      address: node,
      error: fc.constantFrom('link-lost' as const, 'refused' as const)
    })
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) }
)

type Untimed = Observation extends infer One ? (One extends Observation ? Omit<One, 'at'> : never) : never

/** All three name one primary by one epoch, and it says so itself. */
const agreement = fc
  .record({ primary: node, configEpoch: fc.nat(4), ids: fc.constantFrom('abc', 'xyz', 'abz') })
  .map(({ primary, configEpoch, ids }): Untimed[] => [
    ...KEYS.map((from, index): Untimed => ({
      kind: 'snapshot',
      from,
      snapshot: {
        known: true,
        id: ids.charAt(index),
        primary,
        judged: primary,
        configEpoch,
        flags: [],
        quorum: 2,
        downAfterMs: 1_000,
        failoverTimeoutMs: 10_000,
        others: 2,
        replicas: [],
        sentinels: []
      }
    })),
    { kind: 'role', address: primary, role: 'primary' }
  ])

/** A leader chooses, and its choice says that it is the primary. */
const promotion = fc
  .record({ from: node, to: node, leader: key })
  .map(({ from: a, to: b, leader: from }): Untimed[] => [
    { kind: 'event', from, event: parseEvent('+try-failover', `master mymaster ${a.host} ${a.port}`) },
    {
      kind: 'event',
      from,
      event: parseEvent(
        '+selected-slave',
        `slave ${formatAddress(b)} ${b.host} ${b.port} @ mymaster ${a.host} ${a.port}`
      )
    },
    { kind: 'role', address: b, role: 'primary' }
  ])

const outage = fc.constant(KEYS.map((from): Untimed => ({ kind: 'sentinel-lost', from, reason: 'gone' })))

const passage = fc.oneof(
  { weight: 12, arbitrary: observation.map((one) => [one]) },
  { weight: 4, arbitrary: agreement },
  { weight: 2, arbitrary: promotion },
  { weight: 1, arbitrary: outage }
)

/** Random lives; time goes on by nothing, a little, or more than a promotion may stay unconfirmed. */
export const observations: fc.Arbitrary<readonly Observation[]> = fc
  .array(fc.tuple(passage, fc.constantFrom(0, 10, 100, 100, 6_000)), { minLength: 1, maxLength: 30 })
  .map((passages) => {
    let at = 1_000_000
    return passages.flatMap(([some, after]) => {
      at += after
      return some.map((one) => ({ ...one, at }))
    })
  })
