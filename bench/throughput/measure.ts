import type { LocalTopology } from 'ioredis-sentinel/testkit'
import type { Programs } from '../programs.js'
import { ALLOCATING, ALLOCATING_DEPTH, type ClientName, DEPTHS, PACED } from './catalogue.js'
import type { Place } from './load-clients.js'
import { LoadProcess } from './load-process.js'
import { latencyOf } from './loops.js'
import type { ThroughputOptions } from './options.js'
import type { AllocationRun, ClosedRun, PacedRun, Runs } from './results.js'

/** The clients take turns in slices of each load, so that what befalls the machine meanwhile meets all of them. */
const SLICES = 8
const WARM_MS = 50
/** At equal load. */
const PACED_WARM_MS = 100
const PACED_MS = 500
/** Their garbage fits into the young generation of the process that counts it. */
const ALLOCATING_CALLS = 10_000

interface Setting {
  /** Those of the measured clients; undefined: where the system puts them. */
  readonly processors: string | undefined
  /** Told before each load whether its calls come one by one or at a pace, or as fast as they are answered. */
  readonly beforeLoad: (atEase: boolean) => void
  readonly tell: (text: string) => void
}

/** All rounds on one topology. The clients take turns at each load, and another one begins each time. */
export async function measureAll(
  topology: LocalTopology,
  programs: Programs<'load'>,
  options: ThroughputOptions,
  { processors, beforeLoad, tell }: Setting
): Promise<Runs> {
  const place: Place = {
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    primary: (await topology.primary()).address
  }
  const open = async (roomy: boolean): Promise<LoadProcess[]> => {
    const processes: LoadProcess[] = []
    for (const client of options.clients)
      processes.push(await LoadProcess.open(programs.path('load'), client, { place, roomy, processors }))
    return processes
  }
  const usual = await open(false)
  const closed: ClosedRun[] = []
  const paced: PacedRun[] = []
  try {
    for (let round = 0; round < options.rounds; round++) {
      await closedRound(usual, options, round, beforeLoad, closed)
      beforeLoad(true)
      await pacedRound(usual, options, round, paced)
      tell(`round ${round + 1} of ${options.rounds}`)
    }
  } finally {
    await Promise.all(usual.map((one) => one.end()))
  }
  beforeLoad(false)
  const roomy = await open(true)
  const allocation: AllocationRun[] = []
  try {
    for (let round = 0; round < options.rounds; round++) await allocationRound(roomy, options, round, allocation)
    tell('garbage counted')
  } finally {
    await Promise.all(roomy.map((one) => one.end()))
  }
  return { closed, paced, allocation }
}

async function closedRound(
  processes: readonly LoadProcess[],
  { workloads, ms }: ThroughputOptions,
  round: number,
  beforeLoad: Setting['beforeLoad'],
  into: ClosedRun[]
): Promise<void> {
  let turn = round
  for (const workload of workloads) {
    for (const depth of DEPTHS) {
      beforeLoad(depth === 1)
      for (let slice = 0; slice < SLICES; slice++) {
        for (const load of rotated(processes, turn++)) {
          const task = { kind: 'closed', workload, depth, warmMs: WARM_MS, ms: ms / SLICES } as const
          into.push({
            round,
            slice,
            client: load.client,
            workload,
            depth,
            ...(await load.measure<'closed'>(task))
          })
        }
      }
    }
  }
}

async function pacedRound(
  processes: readonly LoadProcess[],
  { workloads }: ThroughputOptions,
  round: number,
  into: PacedRun[]
): Promise<void> {
  let turn = round
  for (const { workload, perSecond } of PACED.filter((one) => workloads.includes(one.workload))) {
    for (let slice = 0; slice < SLICES; slice++) {
      for (const load of rotated(processes, turn++)) {
        const task = { kind: 'paced', workload, perSecond, warmMs: PACED_WARM_MS, ms: PACED_MS } as const
        const tookUs = await load.measure<'paced'>(task)
        into.push({ round, slice, client: load.client, workload, perSecond, ...latencyOf(tookUs) })
      }
    }
  }
}

async function allocationRound(
  processes: readonly LoadProcess[],
  { workloads }: ThroughputOptions,
  round: number,
  into: AllocationRun[]
): Promise<void> {
  let turn = round
  for (const workload of ALLOCATING.filter((one) => workloads.includes(one))) {
    for (const load of rotated(processes, turn++)) {
      const task = { kind: 'allocation', workload, depth: ALLOCATING_DEPTH, calls: ALLOCATING_CALLS } as const
      into.push({ round, client: load.client, workload, bytes: await load.measure<'allocation'>(task) })
    }
  }
}

function rotated<Item extends { readonly client: ClientName }>(list: readonly Item[], by: number): readonly Item[] {
  const from = by % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}
