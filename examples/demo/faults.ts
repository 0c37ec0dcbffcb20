import type { Fault } from 'ioredis-sentinel/testkit'

/** What may be expected of a client that lives through a fault. */
export interface FaultProfile {
  /** A new primary is promoted because of it. */
  readonly promotes: boolean
  /**
   * Writes that the old primary acknowledged and had not replicated may be lost with it: replication is asynchronous, and
   * a failover that nobody planned cannot ask it for the rest.
   */
  readonly mayLoseUnreplicated: boolean
  /** Writes on the wire when it set in, of which nobody can say whether they were executed; at 200 writes a second. */
  readonly unknownBudget: number
  /** Needs root and a firewall. */
  readonly dropsPackets?: true
  /** It is done while the writer is between two writes. */
  readonly betweenWrites?: true
}

/** Why, for those who read a description of the fault. */
export const BETWEEN_WRITES =
  'done between two writes: nobody can know what became of those on the wire when a server is killed (the fault "kill" ' +
  'shows that), here the next ones wait in the client until it is back'

export const PROFILES: Readonly<Record<Fault, FaultProfile>> = {
  kill: {
    promotes: true,
    mayLoseUnreplicated: true,
    unknownBudget: 5
  },
  freeze: {
    promotes: true,
    mayLoseUnreplicated: true,
    unknownBudget: 40
  },
  partition: {
    promotes: true,
    mayLoseUnreplicated: true,
    unknownBudget: 40,
    dropsPackets: true
  },
  'primary-and-sentinel': {
    promotes: true,
    mayLoseUnreplicated: true,
    unknownBudget: 5
  },
  peers: {
    promotes: true,
    mayLoseUnreplicated: true,
    unknownBudget: 0,
    dropsPackets: true
  },
  manual: {
    promotes: true,
    mayLoseUnreplicated: false,
    unknownBudget: 0
  },
  restart: {
    promotes: false,
    mayLoseUnreplicated: false,
    unknownBudget: 0,
    betweenWrites: true
  },
  'replica-kill': {
    promotes: false,
    mayLoseUnreplicated: false,
    unknownBudget: 0
  },
  'replica-freeze': {
    promotes: false,
    mayLoseUnreplicated: false,
    unknownBudget: 0
  },
  'replica-partition': {
    promotes: false,
    mayLoseUnreplicated: false,
    unknownBudget: 0,
    dropsPackets: true
  },
  'sentinel-kill': {
    promotes: false,
    mayLoseUnreplicated: false,
    unknownBudget: 0
  },
  'all-sentinels': {
    promotes: false,
    mayLoseUnreplicated: false,
    unknownBudget: 0
  }
}

export const FAULT_NAMES = Object.keys(PROFILES) as readonly Fault[]

/** The rate that the budgets of unknown outcomes are given for; they grow with a higher one. */
const BUDGET_RATE = 200

export function unknownBudget(fault: FaultProfile, rate: number): number {
  return Math.ceil(fault.unknownBudget * Math.max(1, rate / BUDGET_RATE))
}
