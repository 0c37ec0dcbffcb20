import type { Trouble } from './catalogue.js'
import type { Metric } from './statistics.js'

const ASYNCHRONOUS =
  'Replication is asynchronous: what the old primary acknowledged and no replica had is lost, whoever wrote it. The fewer writes a client gets acknowledged before the promotion, the fewer it can lose. `durability` is the cure.'
const UNKNOWN =
  'Their replies were lost with the old primary, so nobody can know what became of them, and RPUSH must not be repeated: they are reported as such. The peers have no such notion: they send what was on the wire again (an RPUSH that had been executed then stands twice) or leave it open. SET is repeated, and `exactlyOnce` makes every write repeatable: 0 unknown.'
const ANSWERED_BY_THE_OLD =
  'The peers have no gap because the old primary still answers them, and every write it acknowledged after the promotion is lost: see `lost`. Here writes wait from the moment when the sentinels hold it to be down, or a failover begins.'
const NOTHING_HAPPENS =
  'Nothing happens to what serves these calls: the figure is the pause that two cores with six servers and two clients leave between two answers by themselves.'
const READER_OF_ITS_OWN =
  "The peers' reader is a connection of its own to one replica, which this fault does not touch unless that replica is the one promoted (its connections are then cut), so its median run sees no fault at all; who reads from the primary waits for the new one. What remains here is the same: a few answers late while connections move."
const REPLICA_DIES =
  'One replica of two dies: a client loses the reads that were on the wire to it, and asks elsewhere. A peer whose one reader sits on the other replica sees nothing, and hangs on to the dead one else; which it is is chance.'
const REPLICA_FALLS_SILENT =
  'Here half of the reads go to the replica until it has said nothing for as long as it usually takes (10 to 50 ms), and are then asked elsewhere. A peer whose one reader sits on the other replica sees nothing, and one that sits on this one waits until it is healed: the median is a matter of luck, the worst run is not.'
const NOT_BEFORE_IT_IS_FIT =
  'A replica is read from again when the sentinels no longer hold it to be down, its link to the primary is up and it has said that it is synchronized: a read before that could be answered with old data. A peer reads from whatever answers, and its one reader has been waiting for this one.'
const SENTINELS_TIME =
  "This is the servers' own time: down-after, the election, and the promotion, which no client shortens."

/** Of a read gap, and of the longest read. */
const READS = {
  kill: READER_OF_ITS_OWN,
  freeze: READER_OF_ITS_OWN,
  partition: READER_OF_ITS_OWN,
  peers: READER_OF_ITS_OWN,
  'primary-and-sentinel': READER_OF_ITS_OWN,
  manual: READER_OF_ITS_OWN,
  coordinated: READER_OF_ITS_OWN,
  restart: READER_OF_ITS_OWN,
  'replica-kill': REPLICA_DIES,
  'replica-freeze': REPLICA_FALLS_SILENT,
  'replica-partition': REPLICA_FALLS_SILENT,
  'sentinel-kill': NOTHING_HAPPENS,
  'all-sentinels': NOTHING_HAPPENS
} as const

/**
 * Why a figure of this client is not better than the best peer's. By metric and fault; `*` for all faults of that metric.
 * `--render` says which are missing.
 */
export const EXPLANATIONS: Readonly<Partial<Record<Metric, Readonly<Partial<Record<Trouble | '*', string>>>>>> = {
  lost: { '*': ASYNCHRONOUS },
  unknown: { '*': UNKNOWN },
  writeGapMs: {
    peers: ANSWERED_BY_THE_OLD,
    manual: ANSWERED_BY_THE_OLD,
    coordinated:
      'A planned failover stops the writes of all clients at the server while the replica catches up, so all of them wait the same time; a peer that the old primary goes on answering afterwards is cut off later, at the cost of `promotion to first ack`.',
    kill: SENTINELS_TIME,
    freeze: SENTINELS_TIME,
    partition: SENTINELS_TIME,
    'primary-and-sentinel': SENTINELS_TIME,
    restart:
      "The server's own absence is most of it, and all clients try to connect again all the time; `gap beyond the server's absence` compares the rest.",
    'replica-kill': NOTHING_HAPPENS,
    'replica-freeze': NOTHING_HAPPENS,
    'replica-partition': NOTHING_HAPPENS,
    'sentinel-kill': NOTHING_HAPPENS,
    'all-sentinels': NOTHING_HAPPENS
  },
  beyondAbsenceMs: {
    restart: 'All of them connect again within the time that one attempt takes; none can be faster than the server.'
  },
  readGapMs: READS,
  longestReadMs: READS,
  readsBackMs: {
    'replica-kill': NOT_BEFORE_IT_IS_FIT,
    'replica-freeze': NOT_BEFORE_IT_IS_FIT,
    'replica-partition': NOT_BEFORE_IT_IS_FIT
  }
}

export function explain(metric: Metric, fault: Trouble): string | undefined {
  const known = EXPLANATIONS[metric]
  return known?.[fault] ?? known?.['*']
}
