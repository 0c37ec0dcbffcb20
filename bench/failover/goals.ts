import { REPLICA_FAULTS } from '../faults.js'
import { CLIENTS, type ClientName, type Trouble } from './catalogue.js'
import { READS_BACK_LIMIT_MS } from './limits.js'
import type { Report } from './report.js'
import type { Cell, Metric } from './statistics.js'
import { cellOf } from './summary.js'

export interface Goal {
  readonly what: string
  readonly measured: string
  readonly met: boolean
}

const FAST: readonly Trouble[] = ['kill', 'freeze', 'partition', 'manual', 'primary-and-sentinel']
const FIRST_ACK_MS = 10
const WORST_FIRST_ACK_MS = 100
const TIMES_BETTER = 50
const MANUAL_GAP_MS = 500
const COORDINATED_GAP_MS = 1000
const RESTART_GAP_MS = 300
const LONGEST_READ_MS = 100
const MOST_UNKNOWN: Readonly<Partial<Record<Trouble, number>>> = { kill: 5, freeze: 40, partition: 40 }

/** What this library set out for, held against what was measured. Only what was measured is judged. */
export function judgeGoals(report: Report): Goal[] {
  const { cells } = report
  const peers = report.settings.clients.filter((name) => !CLIENTS[name].ours)
  return [
    ...FAST.flatMap((fault) => firstAck(cells, fault, peers)),
    ...on(cells, 'manual', 'ours', (cell) => [
      atMost('manual: acknowledged writes lost, worst run', worst(cell, 'lost'), 0),
      below('manual: write gap, median', middle(cell, 'writeGapMs'), MANUAL_GAP_MS)
    ]),
    ...report.settings.clients
      .filter(isJudgedByHandover)
      .flatMap((client) => on(cells, 'coordinated', client, (cell) => coordinated(cell, client))),
    ...on(cells, 'restart', 'ours', (cell) => [
      below("restart: gap beyond the server's absence, median", middle(cell, 'beyondAbsenceMs'), RESTART_GAP_MS)
    ]),
    ...[...REPLICA_FAULTS].flatMap((fault) => on(cells, fault, 'ours', badReplica)),
    ...on(cells, 'peers', 'ours-durability', (cell) => [
      atMost('peers, durability 1: acknowledged writes lost, worst run', worst(cell, 'lost'), 0)
    ]),
    ...cleanliness(cells)
  ]
}

function firstAck(cells: readonly Cell[], fault: Trouble, peers: readonly ClientName[]): Goal[] {
  return on(cells, fault, 'ours', (cell) => {
    const mine = middle(cell, 'afterPromotionMs')
    const others = peers.flatMap((client) => {
      const peer = cellOf(cells, fault, client)
      return peer === undefined ? [] : [middle(peer, 'afterPromotionMs')]
    })
    const best = Math.min(...others)
    // Below a millisecond nothing is told apart.
    const times = best / Math.max(mine, 1)
    return [
      atMost(`${fault}: promotion to first ack, median ms`, mine, FIRST_ACK_MS),
      atMost(`${fault}: promotion to first ack, worst ms`, worst(cell, 'afterPromotionMs'), WORST_FIRST_ACK_MS),
      ...(others.length === 0
        ? []
        : [
            {
              what: `${fault}: at least ${TIMES_BETTER} times below the best peer's median`,
              measured:
                times === Infinity ? 'no peer came' : `${Math.round(times)} times (best peer ${Math.round(best)} ms)`,
              met: times >= TIMES_BETTER
            }
          ])
    ]
  })
}

/** This client in every mode, and a plain ioredis that knows nothing of it; what node-redis needs for itself is its own. */
function isJudgedByHandover(client: ClientName): boolean {
  return CLIENTS[client].ours || client === 'ioredis'
}

function coordinated(cell: Cell, client: ClientName): Goal[] {
  const { label } = CLIENTS[client]
  return [
    atMost(`coordinated, ${label}: acknowledged writes lost, worst run`, worst(cell, 'lost'), 0),
    below(`coordinated, ${label}: write gap, median`, middle(cell, 'writeGapMs'), COORDINATED_GAP_MS)
  ]
}

function badReplica(cell: Cell): Goal[] {
  const goal = (what: string, metric: Metric, limit: number): Goal[] =>
    cell.spreads[metric] === undefined ? [] : [atMost(`${cell.fault}: ${what}`, worst(cell, metric), limit)]
  return [
    ...goal('reads failed, worst run', 'readsFailed', 0),
    ...goal('reads hung, worst run', 'readsHung', 0),
    ...goal('longest read, worst ms', 'longestReadMs', LONGEST_READ_MS),
    ...goal('heal to first read there, worst ms', 'readsBackMs', READS_BACK_LIMIT_MS)
  ]
}

function cleanliness(cells: readonly Cell[]): Goal[] {
  const own = cells.filter((cell) => CLIENTS[cell.client].ours)
  if (own.length === 0) return []
  const most = (metric: Metric, chosen = own): number => Math.max(0, ...chosen.map((cell) => worst(cell, metric)))
  const unknowns = own
    .filter((cell) => cell.client === 'ours')
    .flatMap((cell) => {
      const limit = MOST_UNKNOWN[cell.fault]
      return limit === undefined ? [] : [atMost(`${cell.fault}: unknown, worst run`, worst(cell, 'unknown'), limit)]
    })
  const without = own.filter((cell) => cell.client === 'ours-set' || cell.client === 'ours-exactly-once')
  const notAll = own.filter((cell) => cell.client !== 'ours-durability')
  return [
    atMost('all faults, this library: doubled, worst run', most('doubled'), 0),
    atMost('all faults, this library: reordered, worst run', most('reordered'), 0),
    atMost('all faults, this library: hung, worst run', most('hung'), 0),
    // durability rejects, as it should, what was executed and not confirmed.
    atMost('all faults, this library without durability: failed, worst run', most('failed', notAll), 0),
    ...unknowns,
    ...(without.length === 0 ? [] : [atMost('SET and exactlyOnce: unknown, worst run', most('unknown', without), 0)])
  ]
}

function on(cells: readonly Cell[], fault: Trouble, client: ClientName, judge: (cell: Cell) => Goal[]): Goal[] {
  const cell = cellOf(cells, fault, client)
  return cell === undefined ? [] : judge(cell)
}

function middle(cell: Cell, metric: Metric): number {
  return cell.spreads[metric]?.median ?? Infinity
}

function worst(cell: Cell, metric: Metric): number {
  return cell.spreads[metric]?.worst ?? Infinity
}

function atMost(what: string, value: number, limit: number): Goal {
  return { what: `${what}: at most ${limit}`, measured: shown(value), met: value <= limit }
}

function below(what: string, value: number, limit: number): Goal {
  return { what: `${what}: below ${limit} ms`, measured: `${shown(value)} ms`, met: value < limit }
}

function shown(value: number): string {
  return value === Infinity ? 'never' : String(Math.round(value * 10) / 10)
}
