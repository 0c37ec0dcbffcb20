/**
 * Reads the heartbeat that writer.ts writes, from replicas where the client may, through every failover. Checks that what
 * it reads never goes backwards, and reports how old it is.
 *
 *   REDIS_SENTINELS=127.0.0.1:26379,127.0.0.1:26380 REDIS_NAME=mymaster node --import tsx examples/reader.ts
 *
 * Everything is set by the environment:
 *   REDIS_SENTINELS  host:port,host:port          REDIS_NAME  the group's name at the sentinels
 *   REDIS_URL        redis+sentinel://host:port,host:port/name, instead of those two
 *   REDIS_USERNAME REDIS_PASSWORD REDIS_SENTINEL_USERNAME REDIS_SENTINEL_PASSWORD
 *                    each password also as …_FILE, the path of a file that holds it
 *   READ_FROM        primary, primaryPreferred, replica, replicaPreferred, nearest or any (replicaPreferred)
 *   RATE             reads per second (200)
 *   KEY              as the writer's (ioredis-sentinel:example); <KEY>:heartbeat is read
 *   HTTP_PORT        /healthz and /metrics (8080), 0 takes a free one; HTTP_HOST (0.0.0.0)
 *   STALL_MS         /healthz says 503 after so long without an answered read (10000)
 *   GRACE_MS         time to end in after SIGTERM (25000)
 *   LOG_LEVEL        trace debug info warn error fatal silent (info)
 *
 * Exit code 0 after SIGTERM or SIGINT, 2 when a setting is wrong.
 *
 * Replication is asynchronous: one replica may be a little behind another, and a failover may drop the last writes, so a
 * read can return an older heartbeat than an earlier read did. Such reads are counted, they are not errors.
 */
import { Counter, Gauge, Histogram } from 'prom-client'
import { Heartbeats, parseHeartbeat } from './lib/heartbeats.js'
import { Outstanding } from './lib/outstanding.js'
import { preciseNow, startPace } from './lib/pace.js'
import { runProgram, type ProgramContext, type Workload } from './lib/program.js'

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

function startReading({ redis, settings, log, registry, reporter }: ProgramContext): Workload {
  const registers = [registry]
  const reads = new Counter({
    name: 'example_reads_total',
    help: 'Reads by what became of them: ok, empty (no heartbeat yet) or failed',
    labelNames: ['outcome'],
    registers
  })
  const seconds = new Histogram({
    name: 'example_read_seconds',
    help: 'From the call to its answer',
    buckets: BUCKETS,
    registers
  })
  const staleness = new Histogram({
    name: 'example_read_staleness_seconds',
    help: 'How long ago the heartbeat that was read had been written',
    buckets: BUCKETS,
    registers
  })
  const regressions = new Counter({
    name: 'example_read_regressions_total',
    help: 'Reads that returned an older heartbeat than an earlier read had returned',
    registers
  })
  const wentBack = new Gauge({
    name: 'example_read_regression_max_seconds',
    help: 'How far back the furthest of those reads went',
    registers
  })

  const outstanding = new Outstanding()
  const heartbeats = new Heartbeats()
  let issued = 0
  let lastReadAt = Date.now()
  let lastTrouble = ''
  let furthestMs = 0

  const reading = startPace(settings.rate, () => {
    const id = ++issued
    const issuedAt = preciseNow()
    const seenBefore = heartbeats.newest
    const arrived = (value: string | null): void => {
      const latencyMs = preciseNow() - issuedAt
      lastReadAt = Date.now()
      seconds.observe(latencyMs / 1000)
      const beat = parseHeartbeat(value)
      if (beat === undefined) {
        reads.inc({ outcome: 'empty' })
        reporter.record({ kind: 'read', id, issuedAt, latencyMs, outcome: 'ok' })
        return
      }
      reads.inc({ outcome: 'ok' })
      const stalenessMs = Math.max(0, lastReadAt - beat.writtenAt)
      staleness.observe(stalenessMs / 1000)
      const wentBackMs = heartbeats.see(beat, seenBefore)
      if (wentBackMs !== undefined) {
        regressions.inc()
        furthestMs = Math.max(furthestMs, wentBackMs)
        wentBack.set(furthestMs / 1000)
      }
      reporter.record({
        kind: 'read',
        id,
        issuedAt,
        latencyMs,
        outcome: 'ok',
        stalenessMs,
        ...(wentBackMs !== undefined && { wentBackMs })
      })
    }
    const failed = (error: unknown): void => {
      lastTrouble = (error as Error).message
      reads.inc({ outcome: 'failed' })
      log.warn({ id, err: error }, 'a read failed')
      const latencyMs = preciseNow() - issuedAt
      reporter.record({ kind: 'read', id, issuedAt, latencyMs, outcome: 'failed', error: lastTrouble })
    }
    outstanding.add(redis.get(`${settings.key}:heartbeat`).then(arrived, failed))
  })

  return {
    trouble: () => {
      const silentMs = Date.now() - lastReadAt
      if (silentMs <= settings.stallMs) return undefined
      return `no read was answered for ${silentMs} ms, the topology is ${redis.topology.phase.kind}; ${lastTrouble}`
    },
    outstanding: () => outstanding.size,
    issued: () => ({ read: issued }),
    stop: (withinMs) => {
      reading.stop()
      return outstanding.drained(withinMs)
    }
  }
}

await runProgram('reader', startReading)
