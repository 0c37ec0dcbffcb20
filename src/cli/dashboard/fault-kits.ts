import type { SentinelRedis } from '../../index.js'
import { type Fault, FAULTS, injectFault, type LocalTopology, partitionSupport } from '../../testkit/index.js'
import { sumUp } from '../timeline.js'
import { coloursFor } from '../colours.js'
import type { FaultKit } from './fault-desk.js'

const NEEDS_FIREWALL: readonly Fault[] = ['partition', 'peers', 'replica-partition']
const NOTHING_TO_HEAL: readonly Fault[] = ['manual', 'restart']

/** All that the testkit can do to a topology of its own. */
export async function localFaults(topology: LocalTopology): Promise<FaultKit> {
  const support = await partitionSupport()
  const names = Object.keys(FAULTS) as Fault[]
  return {
    faults: names.map((name) => ({
      name,
      description: FAULTS[name],
      unavailable: NEEDS_FIREWALL.includes(name) && !support.available ? support.reason : ''
    })),
    confirm: false,
    inject: async (name) => {
      const { description, heal } = await injectFault(topology, name as Fault)
      return { description, ...(!NOTHING_TO_HEAL.includes(name as Fault) && { heal }) }
    }
  }
}

const FAILOVERS = {
  'coordinated-failover': 'the primary moves to a replica; no acknowledged write is lost',
  manual: 'SENTINEL FAILOVER: the primary moves to a replica; acknowledged writes may be lost'
} as const

/** What can be done to a group of somebody's: its primary can be moved. Nothing is killed that this tool did not start. */
export function failoversOnly(client: SentinelRedis): FaultKit {
  return {
    faults: Object.entries(FAILOVERS).map(([name, description]) => ({ name, description, unavailable: '' })),
    confirm: true,
    inject: async (name) => {
      const timeline = await client.failover({ mode: name === 'manual' ? 'manual' : 'coordinated' })
      return { description: sumUp(timeline, coloursFor({})) }
    }
  }
}
