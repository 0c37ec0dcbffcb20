import type { Redis, RedisOptions } from 'ioredis'
import type { Socket } from 'node:net'
import type { HedgeLimits } from '../options/values.js'
import type { Zones } from '../options/zones.js'
import type { Address, Route } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { zoneInInfo } from '../protocol/parse-info.js'
import { answersWell } from '../routing/probe.js'
import type { ReadCandidate } from '../routing/read-policy.js'
import { isBusy } from '../routing/refusal.js'
import { backoffMs, pause } from './backoff.js'
import type { Call } from './call.js'
import { databaseFor, markWritten, tellContact } from './call.js'
import { Contact } from './contact.js'
import type { InFlight, PipelineStream, SocketSource } from './ioredis-internals.js'
import {
  chooseDatabase,
  connectionClosedError,
  databaseOf,
  disownInFlight,
  endNow,
  forgetArguments,
  inFlightCount,
  listInFlight,
  question,
  interceptErrorEvents,
  interceptErrorReplies,
  takeInFlight,
  writeCommand
} from './ioredis-internals.js'
import { onHeard } from './dial.js'
import { authenticateLive } from './live-credentials.js'
import { LateWatch } from './late-watch.js'
import { LatencyEstimate } from './latency.js'
import { Liveness } from './liveness.js'
import type { NodeSettings, OpenSocket } from './open-node.js'
import { openNode } from './open-node.js'
import type { OpenError } from './open-socket.js'
import { isOpenError } from './open-socket.js'
import { Probation } from './probation.js'
import { redisBeside } from './redis-beside.js'
import { SideConnection } from './side-connection.js'
import { SilenceWatch } from './silence.js'
import { writeByTick } from './tick-writer.js'

export interface ReplicaHandler {
  /** It became usable, or ceased to be. */
  onChange(): void
  /** Reads that it will not answer any more, or has not answered in time; they may be asked elsewhere. */
  onUnanswered(items: readonly InFlight[]): void
  /** Reads that it answers late: others may be asked beside it, and the first answer counts. */
  onLate(items: readonly InFlight[], quiet: boolean, from: ReplicaConnection): void
  /** True: the hook asks elsewhere, and the read stays unsettled. */
  onErrorReply(error: Error, item: InFlight, from: ReplicaConnection): boolean
  onRole(address: Address, role: 'primary' | 'replica'): void
  onTrouble(error: OpenError): void
}

export interface ReplicaOptions {
  readonly redis: RedisOptions
  readonly node: NodeSettings
  readonly reach: (address: Address) => Route
  readonly suspectAfterMs: number
  /** Undefined: no read is asked of two nodes before one is silent. */
  readonly hedge: HedgeLimits | undefined
  readonly hopelessAfterMs: () => number
  readonly downAfterMs: () => number
  /** Undefined: no node is nearer than another. */
  readonly zones: Zones | undefined
  /** Something is wrong with the primary: its replicas' links are down for no fault of theirs. */
  readonly primaryIsGone: () => boolean
}

/** Why it is not usable; `detail` is the server's own words. */
export interface ReplicaTrouble {
  readonly reason: 'lost' | 'silent' | 'refused'
  readonly detail?: string
}

const FIRST_RETRY_MS = 25
const LONGEST_RETRY_MS = 1_000
/** A connection on which the node has nothing to do, while it answers on others, is given up after this long a silence. */
const GRACE_MS = 500

const LOST: ReplicaTrouble = { reason: 'lost' }
const SILENT: ReplicaTrouble = { reason: 'silent' }

/** One connection to one replica: its role is asked on every connect, and what it leaves unanswered is given back. */
export class ReplicaConnection implements ReadCandidate {
  readonly address: Address
  /** `host:port` */
  readonly key: string
  readonly isPrimary = false
  readonly redis: Redis
  readonly #handler: ReplicaHandler
  readonly #silence: SilenceWatch
  readonly #liveness: Liveness
  readonly #lateness: LateWatch | undefined
  readonly #latency = new LatencyEstimate()
  #socket: Socket | undefined
  #contact: Contact | undefined
  readonly #probation: Probation
  readonly #zones: Zones | undefined
  readonly #primaryIsGone: () => boolean
  readonly #node: NodeSettings
  readonly #reach: (address: Address) => Route
  #zone: string | undefined
  #sameZone = false
  #renewals = 0
  #session = 0
  #closed = false

  constructor(address: Address, options: ReplicaOptions, handler: ReplicaHandler) {
    this.address = address
    this.key = formatAddress(address)
    this.#handler = handler
    this.#node = options.node
    this.#reach = options.reach
    this.#zones = options.zones
    this.#primaryIsGone = options.primaryIsGone
    this.#probation = new Probation({
      probe: () => this.#probe(),
      onChange: () => {
        handler.onChange()
      }
    })
    this.#learnZone(undefined)
    const source: SocketSource = { next: (signal) => this.#connect(options, signal) }
    this.redis = redisBeside(options.redis, source, (attempt) =>
      attempt <= 1 ? 0 : backoffMs(attempt - 2, FIRST_RETRY_MS, LONGEST_RETRY_MS)
    )
    this.#silence = new SilenceWatch(this.redis, options.suspectAfterMs, options.hopelessAfterMs, {
      onSilent: () => {
        handler.onChange()
        handler.onUnanswered(this.#unanswered())
        this.#liveness.suspect()
      },
      onAnswer: () => {
        handler.onChange()
      },
      onHopeless: () => {
        if (this.#liveness.working) return false
        this.#socket?.destroy()
        return true
      }
    })
    this.#liveness = new Liveness(
      this.redis,
      options.downAfterMs,
      {
        heardAt: () => this.#silence.heardAt,
        ping: () => {
          this.ask('ping').catch(() => undefined)
        },
        openSide: (signal) => SideConnection.open(options.reach(this.address), options.node, signal),
        onDead: () => {
          this.#socket?.destroy()
        }
      },
      { graceMs: GRACE_MS }
    )
    this.#lateness =
      options.hedge === undefined
        ? undefined
        : new LateWatch(
            this.redis,
            options.hedge,
            () => this.#latency.p99Ms,
            () => this.#silence.heardAt,
            {
              onLate: (items, quiet) => {
                handler.onLate(items, quiet, this)
              },
              onChange: () => {
                handler.onChange()
              }
            }
          )
    interceptErrorEvents(this.redis, () => undefined)
    interceptErrorReplies(this.redis, (error, item) => {
      const isAskedElsewhere = handler.onErrorReply(error, item, this)
      return item.command.name === 'select' ? this.#notSelected(error, item) : isAskedElsewhere
    })
    this.redis.on('ready', () => {
      handler.onChange()
      if (this.#node.access.credentials.renewals !== this.#renewals) this.#catchUp()
      if (this.#zone === undefined && this.#zones !== undefined && this.#zones.of === undefined) void this.#askZone()
    })
    this.redis.connect().catch(() => undefined)
  }

  /** Connected, answering, and not out for what it did. */
  get usable(): boolean {
    return this.trouble === undefined
  }

  get trouble(): ReplicaTrouble | undefined {
    if (this.#probation.reason === 'refused') {
      const { detail } = this.#probation
      return { reason: 'refused', ...(detail !== undefined && { detail }) }
    }
    if (this.redis.status !== 'ready' || this.#socket?.writable !== true) return LOST
    if (this.#silence.silent) return SILENT
    return this.#probation.reason === 'lost' ? LOST : undefined
  }

  /** Where it is, as the user says, or else the node itself. */
  get zone(): string | undefined {
    return this.#zone
  }

  get sameZone(): boolean {
    return this.#sameZone
  }

  /** Reads at it wait for longer than usual, and nothing comes from it: another is to be preferred. */
  get quiet(): boolean {
    return this.#lateness?.quiet === true
  }

  get connected(): boolean {
    return this.redis.status === 'ready'
  }

  get latencyMs(): number | undefined {
    return this.#latency.valueMs
  }

  get pending(): number {
    return inFlightCount(this.redis)
  }

  /** False when it could not be written after all. */
  send(command: Call, db: number, stream?: PipelineStream, now = performance.now()): boolean {
    if (databaseOf(this.redis) !== db) this.redis.select(db).catch(() => undefined)
    markWritten(command, Math.floor(now))
    if (!writeCommand(this.redis, command, stream)) return false
    tellContact(command, this.#contact)
    this.#silence.expectAnswer()
    this.#lateness?.expectAnswer()
    this.#latency.sample(command.promise, now)
    return true
  }

  /** Counts the connections: what was learned on one says nothing of the next. */
  get session(): number {
    return this.#session
  }

  /** A question of this library's own. Rejects when the connection breaks, or falls silent. */
  ask(name: string, ...args: string[]): Promise<string> {
    const command = question(name, ...args)
    if (!this.send(command, databaseOf(this.redis))) command.reject(connectionClosedError())
    if (name === 'auth') forgetArguments(command)
    return command.promise as Promise<string>
  }

  /** Tells the node of the credentials that are current. Rejects with AccessError when it refuses them. */
  async authenticate(): Promise<void> {
    const { access, connectTimeoutMs } = this.#node
    await authenticateLive(
      {
        route: this.#reach(this.address),
        authenticate: (words) => (this.connected ? this.ask('auth', ...words) : 'none')
      },
      access,
      connectTimeoutMs,
      (error) => {
        this.#handler.onTrouble(error)
      }
    )
  }

  /** It refused a read: others are asked until it answers a question of this library's own well. */
  refused(words: string): void {
    this.#probation.failed('refused', words)
  }

  close(): void {
    this.#closed = true
    this.#probation.close()
    this.#silence.reset()
    this.#lateness?.reset()
    this.#liveness.reset()
    const left = this.#unanswered()
    takeInFlight(this.redis)
    endNow(this.redis)
    if (left.length > 0) this.#handler.onUnanswered(left)
  }

  async #connect(options: ReplicaOptions, signal: AbortSignal): Promise<Socket> {
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw connectionClosedError()
      try {
        const { role, ...connection } = await openNode(options.reach(this.address), options.node, signal)
        if (role !== 'sentinel') this.#handler.onRole(this.address, role)
        if (role === 'replica') {
          this.#attach(connection)
          return connection.socket
        }
        connection.socket.destroy()
      } catch (error) {
        if (isOpenError(error) && !this.#closed) this.#handler.onTrouble(error)
      }
      await pause(backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS), signal)
    }
  }

  #attach({ socket, clientId, zone, renewals }: OpenSocket): void {
    this.#renewals = renewals
    this.#learnZone(zone)
    this.#socket = socket
    this.#contact = new Contact('replica', this.address, this.redis, socket)
    writeByTick(socket, () => inFlightCount(this.redis) === 0)
    this.#session += 1
    // Else ioredis, when it is ready, selects what the connection before had selected, and leaves the promise of that to nobody.
    chooseDatabase(this.redis, databaseOf(this.redis))
    this.#silence.attach()
    this.#lateness?.reset()
    onHeard(socket, () => {
      this.#silence.heard()
      this.#lateness?.heard()
    })
    this.#liveness.attach(clientId)
    socket.once('end', () => {
      this.#handler.onChange()
    })
    // Before ioredis's own handler: what is in flight is taken from it.
    socket.once('close', () => {
      this.#silence.reset()
      this.#lateness?.reset()
      this.#liveness.reset()
      const left = takeInFlight(this.redis)
      if (this.#closed) return
      this.#probation.failed('lost')
      this.#handler.onChange()
      this.#handler.onUnanswered(left)
    })
  }

  /**
   * ioredis takes a database for selected when SELECT is written: refused (BUSY, NOPERM), it leaves all that follows to the database
   * of before. Only a new connection knows where it is.
   */
  #notSelected(error: Error, { command }: InFlight): true {
    command.reject(error)
    if (this.#closed) return true
    const left = disownInFlight(this.redis)
    this.#socket?.destroy()
    this.#handler.onChange()
    if (!isBusy(error.message)) {
      // Other nodes would say the same of it: there is no such database, or no right to SELECT.
      const db = Number(command.args[0])
      for (const one of left) if (databaseFor(one.command) === db) one.command.reject(error)
    }
    this.#handler.onUnanswered(left)
    return true
  }

  /** Credentials have been renewed while this connection was made. */
  #catchUp(): void {
    this.authenticate().catch((error: unknown) => {
      if (isOpenError(error)) this.#handler.onTrouble(error)
    })
  }

  async #probe(): Promise<boolean> {
    if (!this.connected) return false
    const [ping, info] = await Promise.all([answerTo(this.ask('ping')), answerTo(this.ask('info', 'replication'))])
    return this.connected && answersWell(ping, info, this.#primaryIsGone())
  }

  /** Valkey 8.0 tells it in INFO only. */
  async #askZone(): Promise<void> {
    const info = await answerTo(this.ask('info', 'server'))
    if (typeof info !== 'string') return
    this.#learnZone(zoneInInfo(info))
    if (this.#sameZone && !this.#closed) this.#handler.onChange()
  }

  #learnZone(told: string | undefined): void {
    const zones = this.#zones
    if (zones === undefined) return
    this.#zone = zones.of === undefined ? told : zones.of(this.address)
    this.#sameZone = this.#zone === zones.own
  }

  /** What is in flight and unsettled; it stays in flight too, and the first answer counts. */
  #unanswered(): InFlight[] {
    return listInFlight(this.redis).filter(({ command }) => !command.isSettled)
  }
}

/** An error is a value among the answers. */
function answerTo(question: Promise<string>): Promise<string | Error> {
  return question.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
}
