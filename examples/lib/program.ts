import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigurationError, SentinelRedis, type SentinelRedisOptions } from 'ioredis-sentinel'
import { collectMetrics } from 'ioredis-sentinel/prometheus'
import { pino, type Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { loadSettings, type Connection, type Settings } from './env.js'
import { startHttp, type HttpServer } from './http.js'
import { ipcReporter, silentReporter, type OperationKind, type ProgramState, type Reporter } from './reporter.js'

export interface ProgramContext {
  readonly redis: SentinelRedis
  readonly settings: Settings
  readonly log: Logger
  readonly registry: Registry
  readonly reporter: Reporter
}

/** What a program does once it is connected. */
export interface Workload {
  /** Why it does not get on, in words; undefined while it does. */
  trouble(): string | undefined
  outstanding(): number
  issued(): Readonly<Partial<Record<OperationKind, number>>>
  /** Issues nothing more and waits for what was issued, at most so long; resolves to the number still not settled. */
  stop(withinMs: number): Promise<number>
}

const RETRY_CONNECT_MS = 1000
/** Of the grace that the platform gives, kept back for closing connections and writing the last log lines. */
const CLOSING_MS = 2000

/** The frame of both examples: settings, logger, client, HTTP, and an end that loses nothing. */
export async function runProgram(name: string, start: (context: ProgramContext) => Workload): Promise<void> {
  const loaded = loadSettings(process.env, `${hostname()}-${process.pid}`)
  if (!loaded.ok) return refuse(name, loaded.problems)
  const { settings } = loaded
  const log = pino({ name, level: settings.logLevel })

  let redis: SentinelRedis
  try {
    redis = createClient(settings.connection, name, log)
  } catch (error) {
    if (error instanceof ConfigurationError) return refuse(name, [error.message])
    throw error
  }

  const stopped = stopSignal(log)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  collectMetrics(redis, { client: name, register: registry })
  let workload: Workload | undefined
  let connecting: string | undefined = 'not connected yet'
  const where = { host: settings.httpHost, port: settings.httpPort }
  let http: HttpServer
  try {
    http = await startHttp(where, () => connecting ?? workload?.trouble(), registry)
  } catch (error) {
    const { message } = error as Error
    return refuse(name, [`HTTP_HOST and HTTP_PORT: ${message}; give others, HTTP_PORT=0 takes a free one`])
  }
  const reporter =
    settings.report === 'ipc' ? ipcReporter(() => stateOf(redis, workload?.outstanding() ?? 0)) : silentReporter
  observe(redis, log, reporter)
  log.info({ port: http.port }, 'serving /healthz and /metrics')

  if (await connect(redis, log, stopped, (reason) => (connecting = reason))) {
    connecting = undefined
    workload = start({ redis, settings, log, registry, reporter })
    reporter.send({ type: 'started', httpPort: http.port })
    await stopped.promise
  }

  connecting = 'stopping'
  const orphaned = process.send !== undefined && !process.connected
  const left = await workload?.stop(orphaned ? 0 : Math.max(0, settings.graceMs - CLOSING_MS))
  const stats = redis.stats()
  await redis.close()
  await http.close()
  const issued = workload?.issued() ?? {}
  log.info({ issued, notSettled: left ?? 0 }, 'ended')
  await reporter.close({ type: 'ended', issued, stats })
  if (process.connected) process.disconnect()
}

function createClient(connection: Connection, name: string, log: Logger): SentinelRedis {
  const { url, ...rest } = connection
  const options = { ...rest, lazyConnect: true, connectionName: `example-${name}`, logger: log } as SentinelRedisOptions
  return url === undefined ? new SentinelRedis(options) : new SentinelRedis(url, options)
}

/** Tries until it is connected (true) or told to stop (false): a pod may start before its servers. */
async function connect(
  redis: SentinelRedis,
  log: Logger,
  stopped: StopSignal,
  tell: (reason: string) => void
): Promise<boolean> {
  while (!stopped.signal.aborted) {
    try {
      await Promise.race([redis.connect(), stopped.promise])
      return !stopped.signal.aborted
    } catch (error) {
      // The client itself went on trying after it had told us.
      if (redis.status === 'ready') return true
      tell(`not connected: ${(error as Error).message}`)
      log.warn({ err: error }, 'not connected, trying again')
      await delay(RETRY_CONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  }
  return false
}

function observe(redis: SentinelRedis, log: Logger, reporter: Reporter): void {
  redis.on('error', (error) => log.warn({ err: error }, 'connection trouble'))
  redis.on('failover-started', (topology) => log.warn({ phase: topology.phase }, 'failover started'))
  redis.on('primary-changed', ({ from, to }) => log.warn({ from, to }, 'the primary changed'))
  redis.on('failover', (timeline) => {
    const { entries, ...summary } = timeline
    log.info({ ...summary, said: entries.length }, 'failover over')
    reporter.send({ type: 'failover', timeline })
  })
}

function stateOf(redis: SentinelRedis, outstanding: number): ProgramState {
  const { phase, primary } = redis.topology
  return {
    at: Date.now(),
    phase: phase.kind,
    ...(primary !== undefined && { primary: `${primary.address.host}:${primary.address.port}` }),
    held: redis.stats().held,
    outstanding
  }
}

interface StopSignal {
  readonly signal: AbortSignal
  readonly promise: Promise<void>
}

/** SIGTERM, SIGINT, or the end of the parent process that reads our reports. */
function stopSignal(log: Logger): StopSignal {
  const controller = new AbortController()
  const promise = new Promise<void>((resolve) => {
    const stop = (reason: string): void => {
      if (controller.signal.aborted) return
      log.info({ reason }, 'stopping')
      controller.abort()
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    if (process.send !== undefined) process.once('disconnect', () => stop('the parent process is gone'))
  })
  return { signal: controller.signal, promise }
}

function refuse(name: string, problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`${name}: ${problem}\n`)
  process.exitCode = 2
}
