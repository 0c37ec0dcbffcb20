import { ConfigurationError } from '../errors.js'
import type { Heal, LocalProcess } from './local-process.js'
import type { LocalTopology } from './local-topology.js'

/** Every fault `injectFault` knows, with what it does. */
export const FAULTS = {
  kill: 'SIGKILL to the primary; heal starts it again',
  freeze: 'SIGSTOP to the primary; heal continues it',
  partition: 'all packets to and from the primary are dropped (root)',
  'primary-and-sentinel': 'SIGKILL to the primary and to the first sentinel of the list; heal starts both again',
  peers: 'packets between the primary and the other nodes and sentinels are dropped, clients still reach it (root)',
  manual: 'SENTINEL FAILOVER; nothing to heal',
  restart: 'SIGKILL to the primary and started again at once with its data, well within down-after',
  'replica-kill': 'SIGKILL to one replica; heal starts it again',
  'replica-freeze': 'SIGSTOP to one replica; heal continues it',
  'replica-partition': 'all packets to and from one replica are dropped (root)',
  'sentinel-kill': 'SIGKILL to one sentinel; heal starts it again',
  'all-sentinels': 'SIGKILL to every sentinel; heal starts them again'
} as const

export type Fault = keyof typeof FAULTS

export interface InjectedFault {
  /** What was done to whom, for people to read. */
  readonly description: string
  /** `Date.now()` just before it was done. */
  readonly at: number
  /** Undoes it; resolves when the process answers again. Does not wait for the topology: `settled()` does. */
  readonly heal: () => Promise<void>
}

/**
 * Does one of the faults of `FAULTS` to a running topology, choosing the process by its role of now.
 *
 * @throws ConfigurationError for a fault that is not known.
 * @throws FaultUnavailableError when this machine cannot do it (partitions without root).
 */
export async function injectFault(topology: LocalTopology, fault: Fault): Promise<InjectedFault> {
  if (!Object.hasOwn(FAULTS, fault)) {
    throw new ConfigurationError(
      `injectFault: there is no fault "${String(fault)}"; allowed are ${Object.keys(FAULTS).join(', ')}`
    )
  }
  const { targets, inflict, description } = await plan(topology, fault)
  const at = Date.now()
  const heals = await Promise.all(targets.map(inflict))
  return {
    description,
    at,
    heal: async () => {
      await Promise.all(heals.map((heal) => heal()))
    }
  }
}

interface Plan {
  readonly targets: readonly LocalProcess[]
  readonly description: string
  readonly inflict: (target: LocalProcess) => Promise<Heal>
}

async function plan(topology: LocalTopology, fault: Fault): Promise<Plan> {
  switch (fault) {
    case 'kill':
      return { ...(await onPrimary(topology, 'killed')), inflict: kill }
    case 'freeze':
      return { ...(await onPrimary(topology, 'frozen')), inflict: freeze }
    case 'partition':
      return { ...(await onPrimary(topology, 'cut off from everything')), inflict: cutOff }
    case 'peers':
      return {
        ...(await onPrimary(topology, 'cut off from its peers')),
        inflict: (target) => target.partition('peers')
      }
    case 'primary-and-sentinel': {
      const primary = await topology.primary()
      return { ...on([primary, ...firstSentinel(topology)], 'primary and sentinel: ', 'killed'), inflict: kill }
    }
    case 'manual':
      return {
        ...(await onPrimary(topology, 'failed over by SENTINEL FAILOVER')),
        inflict: async () => {
          await topology.sentinelFailover()
          return nothing
        }
      }
    case 'restart':
      return {
        ...(await onPrimary(topology, 'killed and started again at once')),
        inflict: async (target) => {
          await target.restart()
          return nothing
        }
      }
    case 'replica-kill':
      return { ...(await onReplica(topology, 'killed')), inflict: kill }
    case 'replica-freeze':
      return { ...(await onReplica(topology, 'frozen')), inflict: freeze }
    case 'replica-partition':
      return { ...(await onReplica(topology, 'cut off from everything')), inflict: cutOff }
    case 'sentinel-kill':
      return {
        ...on(firstSentinel(topology), '', 'killed'),
        inflict: kill
      }
    case 'all-sentinels':
      return {
        ...on(
          topology.sentinels.filter((sentinel) => sentinel.alive),
          'all: ',
          'killed'
        ),
        inflict: kill
      }
  }
}

type Subject = Pick<Plan, 'targets' | 'description'>

async function onPrimary(topology: LocalTopology, what: string): Promise<Subject> {
  return on([await topology.primary()], 'primary: ', what)
}

async function onReplica(topology: LocalTopology, what: string): Promise<Subject> {
  const replica = (await topology.replicas()).find((node) => node.healthy)
  return on(replica === undefined ? [] : [replica], 'replica: ', what)
}

function firstSentinel(topology: LocalTopology): readonly LocalProcess[] {
  return topology.sentinels.filter((sentinel) => sentinel.healthy).slice(0, 1)
}

function on(targets: readonly LocalProcess[], prefix: string, what: string): Subject {
  if (targets.length === 0) throw new Error(`injectFault: there is no healthy process to be ${what}`)
  return { targets, description: `${prefix}${targets.join(', ')} ${what}` }
}

async function kill(target: LocalProcess): Promise<Heal> {
  await target.kill()
  return () => target.start()
}

async function freeze(target: LocalProcess): Promise<Heal> {
  await target.freeze()
  return () => target.thaw()
}

async function cutOff(target: LocalProcess): Promise<Heal> {
  return target.partition('everything')
}

async function nothing(): Promise<void> {
  await Promise.resolve()
}
