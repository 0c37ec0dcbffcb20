import { type LocalNode, type LocalTopology, type Promotion, startTopology } from 'ioredis-sentinel/testkit'
import { CLIENTS, type ClientName, type Trouble, troubleOf } from './catalogue.js'
import { ClientProcess, type Result } from './client-process.js'
import { healUnderTraffic, replicasRead } from './heal-under-traffic.js'
import { type Injected, type Injection, prepare } from './inject.js'
import { type Evidence, measure, type Measurement } from './measurement.js'
import { LEDGER_KEY, READ_KEY, READ_VALUE } from './messages.js'
import { Recovery } from './recovery.js'
import { ReplicationMonitor } from './replication-monitor.js'
import { type ProcessorTime, processorTime, stolenSince } from '../stolen.js'
import { until } from '../until.js'

export interface Job {
  readonly fault: Trouble
  readonly client: ClientName
  readonly round: number
  readonly patienceMs: number
}

/**
 * Something else happened than the fault asks for, which says nothing of the client: such a run is made again. The sentinels
 * did not agree on a leader, or promoted once more. At a down-after of 1 s they do that now and then: after a switch they
 * wait up to 1 s before they connect to the new primary (`sentinel.c` sentinelReconnectInstance(): last_reconn_time outlives the
 * reset), and hold it to be down meanwhile. They may then choose the old primary, which has come back and is not a replica
 * yet, and all that was written since is lost. Or other machines took the processors away from this one.
 */
export class DisturbedError extends Error {
  override readonly name = 'DisturbedError'
}

const START_LIMIT_MS = 20_000
const LEAD_IN_CALLS = 80
/** How long calls that are still open get after the traffic has ended, at least. */
const LEAST_STOP_MS = 1500
/** The connection that a promotion cuts is cut at once, which gives the moment; a watch that asks seldom tells what it was. */
const WATCH_EVERY_MS = 20
const SAME_MOMENT_MS = 250
/** More of the processors' time than this, from the traffic's begin to its end, and the run says more of the machine than of a client. */
const MOST_STOLEN = 0.2

/** One client through one trouble, on a topology of its own, all of which has ended when this resolves. */
export async function runOnce(job: Job, program: string): Promise<Measurement> {
  const startedAt = performance.now()
  const client = new ClientProcess(program)
  try {
    await using topology = await startTopology({
      replicas: 2,
      sentinels: 3,
      downAfterMs: 1000,
      failoverTimeoutMs: 10_000
    })
    return { ...(await withTopology(job, topology, client)), tookMs: Math.round(performance.now() - startedAt) }
  } finally {
    await client.end()
  }
}

async function withTopology(job: Job, topology: LocalTopology, client: ClientProcess): Promise<Measurement> {
  const [primary, ...replicas] = topology.nodes
  await primary?.command('SET', READ_KEY, READ_VALUE)
  for (const node of replicas)
    await until('what is read on each replica', START_LIMIT_MS, async () => {
      return (await node.command('GET', READ_KEY)) === READ_VALUE
    })
  await Promise.all(replicas.map((node) => node.command('CONFIG', 'RESETSTAT')))
  await client.open(job.client, { name: topology.name, sentinels: topology.sentinelAddresses })
  const monitors = await Promise.all(replicas.map((node) => ReplicationMonitor.open(node, topology.nodes)))
  const injection = await prepare(topology, job.fault)
  try {
    const clock = processorTime()
    client.go()
    await until(
      'writes and reads',
      START_LIMIT_MS,
      () => client.progress.acked >= LEAD_IN_CALLS && client.progress.readsOk >= LEAD_IN_CALLS
    )
    return await withTraffic(job, { topology, client, monitors, injection, clock })
  } finally {
    for (const monitor of monitors) monitor.close()
    await injection.close()
  }
}

interface Scene {
  readonly topology: LocalTopology
  readonly client: ClientProcess
  readonly monitors: readonly ReplicationMonitor[]
  readonly injection: Injection
  /** When the traffic began. */
  readonly clock: ProcessorTime | undefined
}

async function withTraffic(job: Job, { topology, client, monitors, injection, clock }: Scene): Promise<Measurement> {
  const before = await topology.primary()
  const { hitsReplica } = troubleOf(job.fault)
  const served = hitsReplica ? await replicasRead(topology) : undefined
  const { injected, promotion, absenceMs } = await cause(job, topology, injection)
  const primary = promotion?.node ?? before
  const since = promotion?.at ?? Date.now()
  const recovered = await new Recovery(client, primary, job).wait(since + job.patienceMs)
  const readsBackMs = served && (await healUnderTraffic(client, injected.heal, failedReplica(job, topology, served)))
  const leftMs = since + job.patienceMs - Date.now()
  const result = await client.stop(Math.max(LEAST_STOP_MS, leftMs))
  const stolen = stolenSince(clock)
  if (stolen !== undefined && stolen > MOST_STOLEN) {
    throw new DisturbedError(`other machines took ${Math.round(stolen * 100)} % of the processors' time`)
  }
  await refuseAnother(topology, primary, before)

  await hurry(topology)
  await injected.heal()
  await topology.settled()
  const last = await topology.primary()
  if (last !== primary) throw new DisturbedError(`the sentinels went on: at the end ${String(last)} is the primary`)
  const finalList = await readLedger(last)
  const monitor = monitors.find(({ node }) => node === promotion?.node)
  return {
    fault: job.fault,
    client: job.client,
    round: job.round,
    at: new Date(injected.at).toISOString(),
    recovered,
    ...(stolen !== undefined && { stolen: Number(stolen.toFixed(3)) }),
    tookMs: 0,
    ...measure({
      ...entriesOf(result),
      finalList,
      faultAt: injected.at,
      replicated: monitor?.replicated ?? new Set(),
      ...(promotion !== undefined && { promotedAt: momentOf(promotion.at, monitor?.endedAt) }),
      ...(absenceMs !== undefined && { absenceMs }),
      ...(readsBackMs !== undefined && { readsBackMs })
    })
  }
}

/** The replica that failed, where the client had read from it: a peer reads from one of the two, this library from both. */
function failedReplica(
  { client }: Job,
  { nodes }: LocalTopology,
  served: ReadonlySet<LocalNode>
): LocalNode | undefined {
  return nodes.find((node) => !node.healthy && (served.has(node) || CLIENTS[client].ours))
}

/** Another promotion meanwhile: some third node says that it is the primary, or this one no longer does. */
async function refuseAnother(topology: LocalTopology, primary: LocalNode, before: LocalNode): Promise<void> {
  for (const node of topology.nodes.filter(({ healthy }) => healthy)) {
    const { role } = await node.role()
    const expected = node === primary ? role === 'primary' : node === before || role === 'replica'
    if (!expected) throw new DisturbedError(`the sentinels went on: ${String(node)} says that it is a ${role}`)
  }
}

interface Effect {
  readonly injected: Injected
  readonly promotion?: Promotion
  readonly absenceMs?: number
}

/** Makes the fault, and waits for what must come of it. The watch ends then. */
async function cause({ fault }: Job, topology: LocalTopology, { inject }: Injection): Promise<Effect> {
  if (!troubleOf(fault).promotes) {
    const injected = await inject()
    return fault === 'restart' ? { injected, absenceMs: Date.now() - injected.at } : { injected }
  }
  const watch = topology.watchPromotions(undefined, { everyMs: WATCH_EVERY_MS })
  try {
    const injected = await inject()
    const { promotesWithinMs, refusal } = injected
    const seen = await until('a promotion', promotesWithinMs, () => watch.promotions[0] ?? refusal()).catch(
      (error: unknown) => {
        throw new DisturbedError((error as Error).message)
      }
    )
    if (seen instanceof Error) throw seen
    return { injected, promotion: seen }
  } finally {
    watch.stop()
  }
}

/** The promotion cuts the monitor's connection, and the watch sees the new role at its next question: the earlier one counts. */
function momentOf(seenAt: number, cutAt: number | undefined): number {
  return cutAt !== undefined && cutAt < seenAt && seenAt - cutAt < SAME_MOMENT_MS ? cutAt : seenAt
}

/**
 * A sentinel leaves an old primary alone for four of its hello periods of 2 s before it makes it a replica; all is measured already.
 * Not less than 1 s: one that has not heard of the promotion for four periods undoes it.
 */
async function hurry(topology: LocalTopology): Promise<void> {
  const words = ['SENTINEL', 'DEBUG', 'info-period', 200, 'publish-period', 1000]
  const sentinels = topology.sentinels.filter((sentinel) => sentinel.healthy)
  await Promise.allSettled(sentinels.map((sentinel) => sentinel.command(...words)))
}

async function readLedger(node: LocalNode): Promise<string[]> {
  const list = (await node.command('LRANGE', LEDGER_KEY, 0, -1)) as string[]
  if (list.length > 0) return list
  const keys = (await node.command('KEYS', `${LEDGER_KEY}:*`)) as string[]
  return keys.map((key) => key.slice(LEDGER_KEY.length + 1)).sort()
}

function entriesOf({ writes, reads }: Result): Pick<Evidence, 'writes' | 'reads'> {
  const unpacked = <Entry extends { readonly code?: string }>({ code, ...entry }: Entry) => ({
    ...entry,
    ...(code !== undefined && { error: { code } })
  })
  return { writes: writes.map(unpacked), reads: reads.map(unpacked) }
}
