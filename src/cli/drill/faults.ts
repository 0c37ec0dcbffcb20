import { type Fault, FAULTS } from '../../testkit/index.js'

/** What this command does to any group, by what its servers and sentinels understand. */
const ANYWHERE = {
  manual: 'SENTINEL FAILOVER',
  coordinated: 'a failover that loses nothing: the command failover, in a process of its own',
  pause: 'CLIENT PAUSE at the primary for --pause: it answers nobody, the sentinels included',
  sleep: 'DEBUG SLEEP at the primary for --pause, where enable-debug-command allows it',
  'kill-clients': 'CLIENT KILL TYPE normal at the primary: every connection of a client is cut',
  shutdown: 'SHUTDOWN of the primary; needs --yes. Nobody starts it again, unless something of yours does',
  wait: 'nothing: you or somebody else does it, and the first failover is waited for'
} as const

export type DrillFault = keyof typeof ANYWHERE | Fault

/** What a fault does to whom, in words. */
export const DRILL_FAULTS: Readonly<Record<DrillFault, string>> = { ...FAULTS, ...ANYWHERE }

export const ALL_FAULTS = Object.keys({ ...ANYWHERE, ...FAULTS }) as readonly DrillFault[]
export const FAULTS_ANYWHERE = Object.keys(ANYWHERE) as readonly DrillFault[]
export const LOCAL_FAULTS = ALL_FAULTS.filter((fault) => !FAULTS_ANYWHERE.includes(fault))

/** Only who started the servers can do it. */
export function isLocal(fault: DrillFault): fault is Exclude<Fault, keyof typeof ANYWHERE> {
  return !FAULTS_ANYWHERE.includes(fault)
}

/** What a default depends on. */
export interface Circumstances {
  /** The sentinels' down-after-milliseconds. */
  readonly downAfterMs: number
  /** How long `pause` and `sleep` last. */
  readonly pauseMs: number
}

export interface FaultProfile {
  /** `failover`: a drill in which none comes has failed. `perhaps`: it may. */
  readonly leadsTo: 'failover' | 'perhaps' | 'nothing'
  readonly gapMs: number
  /** Acknowledged writes of so many milliseconds may be lost: replication is asynchronous. */
  readonly lostMs: number
  /** Of the writes of so many milliseconds nobody may know what became of them. */
  readonly unknownMs: number
}

/** The sentinels' election and the promotion, on machines that are busy. */
const ELECTION_MS = 5_000
/** What a replica may be behind. */
const BEHIND_MS = 100
/** What is on the wire when a connection breaks, */
const ON_THE_WIRE_MS = 50
/** and when it falls silent: the client writes on for its suspectAfterMs, 100. */
const INTO_SILENCE_MS = 250

/** What a fault leads to, and what it may cost unless the user says otherwise. */
export function profileOf(fault: DrillFault, { downAfterMs, pauseMs }: Circumstances): FaultProfile {
  const unplanned = { leadsTo: 'failover', gapMs: downAfterMs + ELECTION_MS, lostMs: BEHIND_MS } as const
  const harmless = { leadsTo: 'nothing', gapMs: 1_000, lostMs: 0, unknownMs: 0 } as const
  switch (fault) {
    case 'manual':
      return { leadsTo: 'failover', gapMs: 2_000, lostMs: 0, unknownMs: 0 }
    case 'coordinated':
      // Writes that the paused primary has not answered are on the wire when it lets its clients go.
      return { leadsTo: 'failover', gapMs: 2_000, lostMs: 0, unknownMs: INTO_SILENCE_MS }
    case 'kill':
    case 'primary-and-sentinel':
      return { ...unplanned, unknownMs: ON_THE_WIRE_MS }
    case 'freeze':
    case 'partition':
    case 'shutdown':
    case 'wait':
      return { ...unplanned, unknownMs: INTO_SILENCE_MS }
    case 'peers':
      // It acknowledges what no replica gets, until the sentinels say so.
      return { ...unplanned, lostMs: downAfterMs + 2_000, unknownMs: 0 }
    case 'pause':
    case 'sleep':
      return pauseMs < downAfterMs
        ? { ...harmless, leadsTo: 'perhaps', gapMs: pauseMs + 1_000 }
        : { ...unplanned, leadsTo: 'perhaps', unknownMs: INTO_SILENCE_MS }
    case 'kill-clients':
      return { ...harmless, unknownMs: ON_THE_WIRE_MS }
    case 'restart':
      return { ...harmless, gapMs: 5_000, unknownMs: ON_THE_WIRE_MS }
    case 'replica-kill':
    case 'replica-freeze':
    case 'replica-partition':
    case 'sentinel-kill':
    case 'all-sentinels':
      return harmless
  }
}
