/**
 * Appends unique increasing ids to a list, open loop, through every failover, and counts what became of each write.
 * RPUSH is not idempotent: sent twice it would show twice, so the list is the proof. Beside it a heartbeat is SET, which
 * reader.ts reads.
 *
 *   REDIS_SENTINELS=127.0.0.1:26379,127.0.0.1:26380 REDIS_NAME=mymaster node --import tsx examples/writer.ts
 *
 * Everything is set by the environment:
 *   REDIS_SENTINELS  host:port,host:port          REDIS_NAME  the group's name at the sentinels
 *   REDIS_URL        redis+sentinel://host:port,host:port/name, instead of those two
 *   REDIS_USERNAME REDIS_PASSWORD REDIS_SENTINEL_USERNAME REDIS_SENTINEL_PASSWORD
 *                    each password also as …_FILE, the path of a file that holds it
 *   RATE             writes per second (200)      HEARTBEAT_RATE  heartbeats per second (50)
 *   KEY              the list (ioredis-sentinel:example); the heartbeat is <KEY>:heartbeat. One writer a key.
 *   KEEP             entries kept in the list (1000000), 0 keeps all
 *   WRITER_ID        written before each id (host name and pid)
 *   HTTP_PORT        /healthz and /metrics (8080), 0 takes a free one; HTTP_HOST (0.0.0.0)
 *   STALL_MS         /healthz says 503 after so long without an answered write (10000)
 *   GRACE_MS         time to end in after SIGTERM (25000)
 *   LOG_LEVEL        trace debug info warn error fatal silent (info)
 *
 * Exit code 0 after SIGTERM or SIGINT, 2 when a setting is wrong.
 */
import { UnknownOutcomeError } from 'ioredis-sentinel'
import { Counter, Gauge, Histogram } from 'prom-client'
import { betweenWrites } from './lib/between-writes.js'
import { Outstanding } from './lib/outstanding.js'
import { preciseNow, startPace } from './lib/pace.js'
import { runProgram, type ProgramContext, type Workload } from './lib/program.js'
import type { OperationKind, Outcome } from './lib/reporter.js'

/** How many acked writes lie between two trims of the list to KEEP entries. */
const TRIM_EVERY = 10_000

function startWriting(context: ProgramContext): Workload {
  const { redis, settings, log, registry, reporter } = context
  const registers = [registry]
  const writes = new Counter({
    name: 'example_writes_total',
    help: 'Writes by what became of them: ok, unknown (it may have been executed) or failed (it was not)',
    labelNames: ['kind', 'outcome'],
    registers
  })
  const seconds = new Histogram({
    name: 'example_write_seconds',
    help: 'From the call to its answer, waiting for a primary included',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
    registers
  })
  new Gauge({
    name: 'example_writes_held',
    help: 'Calls that wait for a primary right now',
    registers,
    collect() {
      this.set(redis.stats().held)
    }
  })

  const outstanding = new Outstanding()
  const inTurn = betweenWrites(context, outstanding)
  const issued = { write: 0, heartbeat: 0 }
  let lastAckAt = Date.now()
  let lastTrouble = ''
  let beat = 0

  const settle = (kind: OperationKind, id: number, issuedAt: number, error?: unknown): void => {
    const latencyMs = preciseNow() - issuedAt
    const outcome: Outcome = error === undefined ? 'ok' : error instanceof UnknownOutcomeError ? 'unknown' : 'failed'
    writes.inc({ kind, outcome })
    seconds.observe(latencyMs / 1000)
    if (error === undefined) lastAckAt = Date.now()
    else {
      lastTrouble = (error as Error).message
      log.warn({ kind, id, outcome, err: error }, 'a write was not acknowledged')
    }
    reporter.record({ kind, id, issuedAt, latencyMs, outcome, ...(error !== undefined && { error: lastTrouble }) })
  }

  const issue = (kind: OperationKind, id: number, call: () => Promise<unknown>): void => {
    const issuedAt = preciseNow()
    outstanding.add(
      inTurn(call).then(
        () => settle(kind, id, issuedAt),
        (error: unknown) => settle(kind, id, issuedAt, error)
      )
    )
  }

  const writing = startPace(settings.rate, () => {
    const id = ++issued.write
    issue('write', id, () => redis.rpush(settings.key, `${settings.writerId}:${id}`))
    if (settings.keep > 0 && id % TRIM_EVERY === 0) {
      redis.ltrim(settings.key, -settings.keep, -1).catch((error: unknown) => log.warn({ err: error }, 'not trimmed'))
    }
  })
  const beating = startPace(settings.heartbeatRate, () => {
    const id = ++issued.heartbeat
    const now = Date.now()
    beat = Math.max(beat + 1, now)
    issue('heartbeat', id, () => redis.set(`${settings.key}:heartbeat`, `${beat}:${now}`))
  })

  return {
    trouble: () => {
      const silentMs = Date.now() - lastAckAt
      if (silentMs <= settings.stallMs) return undefined
      return `no write was acknowledged for ${silentMs} ms, the topology is ${redis.topology.phase.kind}; ${lastTrouble}`
    },
    outstanding: () => outstanding.size,
    issued: () => ({ ...issued }),
    stop: (withinMs) => {
      writing.stop()
      beating.stop()
      return outstanding.drained(withinMs)
    }
  }
}

await runProgram('writer', startWriting)
