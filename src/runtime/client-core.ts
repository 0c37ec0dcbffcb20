import type { Logger } from 'pino'
import type { AnyRedis } from './any-redis.js'
import type { FailoverTimeline, SubscriptionGap } from '../events.js'
import { ClientLog } from '../observe/client-log.js'
import { describePhase, TimelineRecorder } from '../observe/timeline.js'
import type { ResolvedOptions } from '../options.js'
import { DEADLINE_MARGIN_MS } from '../options.js'
import type { Hop } from '../protocol/access.js'
import { formatAddress, sameAddress } from '../protocol/address.js'
import type { Address } from '../protocol/address.js'
import type { ChangeableCredentials } from '../protocol/handshake.js'
import { successorIn } from '../topology/phase.js'
import type { Arg } from '../routing/arg.js'
import { blockingMs } from '../routing/blocking.js'
import type { Topology } from '../topology/topology.js'
import { emptyTopology } from '../topology/topology.js'
import type { Access } from './access.js'
import { accessOf } from './access.js'
import { AddressBook } from './address-map.js'
import type { Call } from './call.js'
import { optionsOf, sequenceOf } from './call.js'
import type { EmitEvent } from './announce.js'
import { announce } from './announce.js'
import { ClientCredentials } from './client-credentials.js'
import { ClientReads } from './client-reads.js'
import { ClientTroubles } from './client-troubles.js'
import { Dispatcher } from './dispatcher.js'
import { explainRefusal } from './access-errors.js'
import { Greeting } from './greeting.js'
import { ClientFailovers } from './handover/client-failovers.js'
import { ClientParty } from './handover/client-party.js'
import type { ResolvedFailover } from './handover/failover-options.js'
import type { InFlight, SocketSource } from './ioredis-internals.js'
import { connectionClosedError, inFlightCount, listInFlight, subscriptionsOf } from './ioredis-internals.js'
import type { LiveConnection } from './live-credentials.js'
import type { NodeSettings } from './open-node.js'
import type { OpenError } from './open-socket.js'
import { PrimarySource } from './primary-source.js'
import { ReconnectPace } from './reconnect-pace.js'
import { leaseWatch } from './registry.js'
import type { Lease } from './registry.js'
import type { ReplicaConnection } from './replica-connection.js'
import { settledWithin } from './settled-within.js'
import { SideConnection } from './side-connection.js'
import { steadyNow, steadyTime } from './steady-now.js'
import { SubscriptionGaps } from './subscription-gaps.js'
import { clientSubscriber } from './subscriptions/client-subscriber.js'
import type { Subscriber } from './subscriptions/subscriber.js'
import { TopologyHold } from './topology-hold.js'
import { transactionOf } from './transaction.js'
import type { Watch } from './watch.js'

/** Redis's own default for down-after-milliseconds (`src/sentinel.c`), used until a sentinel tells the group's. */
const DEFAULT_DOWN_AFTER_MS = 30_000
/** A connection that is silent for this much longer than a sentinel would bear is given up. */
const HOPELESS_MARGIN_MS = 1_000
const SETTLED_MARGIN_MS = 1_000

/** All that one client is made of beside its ioredis instance: the watch it obeys, its dispatcher, its replicas. */
export class ClientCore {
  readonly source: SocketSource
  readonly sentinel: Access
  readonly node: NodeSettings
  readonly gaps: SubscriptionGaps
  readonly pace = new ReconnectPace()
  readonly #options: ResolvedOptions
  readonly #logger: Logger
  readonly #log: ClientLog
  readonly #addresses: AddressBook
  readonly #timeline: TimelineRecorder
  #redis: AnyRedis | undefined
  /** Undefined: subscriptions are on the client's own connection. */
  #subscriber: Subscriber | undefined
  #dispatcher: Dispatcher | undefined
  #reads: ClientReads | undefined
  #greeting: Greeting | undefined
  #emit: EmitEvent = () => undefined
  #lease: Lease | undefined
  #party: ClientParty | undefined
  readonly #failovers: ClientFailovers
  readonly #hold: TopologyHold
  readonly #troubles: ClientTroubles
  readonly #credentials: ClientCredentials

  constructor(given: ResolvedOptions, log: Logger) {
    this.#addresses = new AddressBook(given.routeTo, given.mappedAddresses, log)
    const options: ResolvedOptions = { ...given, routeTo: this.#addresses.routeTo }
    this.#options = options
    this.#logger = log
    this.#log = new ClientLog(log, (address) => sameAddress(address, this.topology.primary?.address))
    this.#troubles = new ClientTroubles(this.#log, this.#addresses)
    this.#timeline = new TimelineRecorder(options.name)
    this.gaps = new SubscriptionGaps(
      (gap) => {
        this.#missed(gap)
      },
      () => this.dispatcher.connectedTo
    )
    this.#hold = new TopologyHold(
      options,
      (hold) => {
        this.dispatcher.holdForTopology(hold)
      },
      () => {
        this.#log.noFailover(options.holdLimitMs)
      }
    )
    this.sentinel = accessOf(options.sentinel)
    this.node = {
      access: accessOf(options.node),
      protocol: options.redis.protocol ?? 3,
      connectTimeoutMs: options.connectTimeoutMs,
      family: options.redis.family,
      noDelay: options.redis.noDelay ?? true
    }
    this.#credentials = new ClientCredentials({
      node: this.node,
      sentinel: this.sentinel,
      primary: () => this.#liveConnection(),
      authenticateOthers: (onLate) => [
        this.#subscriber?.authenticate(onLate),
        ...this.#replicas().map((one) => one.authenticate())
      ],
      onTrouble: (error) => {
        this.#troubles.tell(error, this.#redis)
      }
    })
    this.#failovers = new ClientFailovers({
      group: options.name,
      follow: () => this.#lease?.again() ?? leaseWatch(options, this.node, log),
      open: (address, kind, signal) => SideConnection.open(options.routeTo(address, kind), this.node, signal),
      did: (at, what, detail) => {
        this.#timeline.did(at, what, detail)
      }
    })
    const source = new PrimarySource(
      () => this.#watch(),
      this.node,
      (address) => options.routeTo(address, 'primary'),
      {
        awaitsSuccessor: () =>
          successorIn(this.topology) !== undefined && this.dispatcher.holdReasons.includes('topology'),
        onSocket: (connection, address) => {
          this.#troubles.arrived(formatAddress(address))
          this.#credentials.attached(connection.renewals)
          this.reads.primaryIsIn(connection.zone)
          this.dispatcher.attach(connection, address)
          this.greeting.begin()
          this.pace.connected(performance.now())
        },
        onTrouble: (error) => {
          this.#troubles.onTheWay(error, 'node', this.#redis)
        }
      }
    )
    this.source = {
      next: (signal) => {
        this.greeting.withoutCredentials()
        return source.next(signal)
      }
    }
  }

  /** The ioredis instance exists now. */
  bind(redis: AnyRedis, emit: EmitEvent): void {
    const options = this.#options
    this.#redis = redis
    this.#emit = emit
    this.#greeting = new Greeting(redis)
    this.#dispatcher = new Dispatcher(
      redis,
      {
        group: options.name,
        readFrom: options.readFrom,
        subscribeTo: options.subscribeTo,
        readOnlyCommands: options.readOnlyCommands,
        suspectAfterMs: options.suspectAfterMs,
        maxQueuedCommands: options.maxQueuedCommands,
        maxQueuedBytes: options.maxQueuedBytes,
        enableOfflineQueue: options.redis.enableOfflineQueue ?? true,
        commandTimeoutMs: options.redis.commandTimeout,
        deadlineMs: () => options.deadlineMs ?? this.#downAfterMs() + DEADLINE_MARGIN_MS,
        hopelessAfterMs: () => this.#hopelessAfterMs(),
        downAfterMs: () => this.#downAfterMs()
      },
      {
        topology: () => this.topology,
        wake: () => {
          redis.connect().catch(() => undefined)
        },
        chooseReplica: (policy, commands, db, fit) => this.reads.choose(policy, commands, db, fit),
        subscribe: (command) => {
          this.#subscriber?.send(command)
        },
        readers: () => this.#replicas().map((one) => one.redis),
        onWrite: (command, db) => {
          this.reads.wrote(command, db)
        },
        onDemoted: () => {
          this.#demoted()
        },
        onHopeless: () => {
          this.#cut('silent for too long')
        },
        onDead: (why) => {
          this.#cut(why)
        },
        onLost: (address) => {
          if (redis.options.autoResubscribe !== false)
            this.gaps.lost(subscriptionsOf(redis), steadyTime(this.dispatcher.heardAt), address)
          this.#lease?.watch.observe({ kind: 'node-error', at: steadyNow(), address, error: 'link-lost' })
        },
        onHold: (reasons) => {
          this.#timeline.held(steadyNow(), reasons.join(', '), { ...this.dispatcher.counts })
          this.#log.standstill.began(() => this.#standstill())
        },
        onRelease: (count) => {
          this.#timeline.released(steadyNow(), count)
          this.#log.standstill.over()
          this.#finishTimeline()
        },
        openSide: (address, signal) => SideConnection.open(options.routeTo(address, 'primary'), this.node, signal),
        whyNotReady: () => this.whyNotReady()
      }
    )
    const onRole = (address: Address, role: 'primary' | 'replica'): void => {
      this.#lease?.watch.observe({ kind: 'role', at: steadyNow(), address, role })
    }
    this.#reads = new ClientReads({
      options,
      node: this.node,
      log: this.#log,
      emit,
      redis,
      dispatcher: this.#dispatcher,
      topology: () => this.topology,
      downAfterMs: () => this.#downAfterMs(),
      hopelessAfterMs: () => this.#hopelessAfterMs(),
      onRole
    })
    if (options.subscribeTo !== 'primary')
      this.#subscriber = clientSubscriber(options, redis, this.dispatcher, {
        node: this.node,
        log: this.#logger,
        topology: () => this.topology,
        downAfterMs: () => this.#downAfterMs(),
        hopelessAfterMs: () => this.#hopelessAfterMs(),
        isNear: (address) => this.reads.isNear(address),
        onRole,
        onGap: (gap) => {
          this.#missed(gap)
        },
        onTrouble: (error) => {
          this.#troubles.tell(error, redis)
        }
      })
  }

  get dispatcher(): Dispatcher {
    if (this.#dispatcher === undefined) throw new Error('the client is not bound yet')
    return this.#dispatcher
  }

  get greeting(): Greeting {
    if (this.#greeting === undefined) throw new Error('the client is not bound yet')
    return this.#greeting
  }

  /** The replicas, and which of them may answer a read. */
  get reads(): ClientReads {
    if (this.#reads === undefined) throw new Error('the client is not bound yet')
    return this.#reads
  }

  get topology(): Topology {
    return this.#lease?.watch.topology ?? emptyTopology(this.#options.name)
  }

  /** The node that the subscriptions are at; undefined while there are none, or while they are nowhere. */
  get subscribedTo(): Address | undefined {
    if (this.#subscriber !== undefined) return this.#subscriber.node?.address
    const redis = this.#redis
    const has =
      redis !== undefined &&
      Object.values<readonly string[]>({ ...subscriptionsOf(redis) }).some((names) => names.length > 0)
    return has ? this.#dispatcher?.connectedTo : undefined
  }

  /** By which the nodes are asked for this client, perhaps with others: those of the client that was the first. None where a function is asked. */
  get watchCredentials(): readonly ChangeableCredentials[] {
    const credentials = this.#lease?.credentials
    return credentials === undefined || typeof credentials === 'function' ? [] : [credentials]
  }

  /** An error reply of the primary; true when the command is kept to be sent again. */
  refusedByPrimary(error: Error, item: InFlight): boolean {
    explainRefusal(error, this.dispatcher.connectedTo)
    return this.dispatcher.refusedByPrimary(error, item)
  }

  /** Begins to follow the group; a second call changes nothing. */
  start(): void {
    if (this.#lease === undefined) this.dispatcher.reopen()
    this.#watch()
  }

  /** ioredis has greeted the primary. */
  ready(): void {
    this.#timeline.did(
      steadyNow(),
      'connected',
      this.dispatcher.connectedTo === undefined ? undefined : formatAddress(this.dispatcher.connectedTo)
    )
    this.dispatcher.connected()
    this.#finishTimeline()
    this.#credentials.ready()
    void this.#subscriber?.connected()
  }

  /** Asks for credentials anew, and has live connections authenticated by them. Rejects with AccessError. */
  async reauthenticate(): Promise<void> {
    await this.#credentials.reauthenticate()
  }

  /** Resolves when all calls of until now have settled, those that wait too: by their deadlines at the latest. Blocking calls and an open MULTI are not waited for. */
  async settled(): Promise<void> {
    const { dispatcher } = this
    if (dispatcher.refuses) return
    const calls = [...dispatcher.waiting, ...this.#unanswered()].filter(
      (call) =>
        sequenceOf(call) > 0 &&
        transactionOf(call)?.complete !== false &&
        blockingMs(call.name, call.args as Arg[]) === undefined
    )
    let longestMs = 0
    for (const call of calls)
      longestMs = Math.max(longestMs, this.patienceMs(optionsOf(call)?.deadlineMs ?? dispatcher.deadlineMs))
    await settledWithin(
      calls.map(({ promise }) => promise),
      longestMs
    )
  }

  /** How long what has this deadline is waited for when the client is to end: until it has ended by itself, or, without one, for a failover. */
  patienceMs(deadlineMs: number): number {
    return (deadlineMs === Infinity ? this.#downAfterMs() + DEADLINE_MARGIN_MS : deadlineMs) + SETTLED_MARGIN_MS
  }

  /** Takes no new commands. Resolves when nothing is in flight any more, or after `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    this.dispatcher.refuse()
    await this.#failovers.end(connectionClosedError())
    await this.#answered(withinMs)
  }

  /** Something is in flight. */
  get hasInFlight(): boolean {
    return this.#connections().some((redis) => inFlightCount(redis) > 0) || this.dispatcher.unconfirmed.length > 0
  }

  /** The same, but a failover that this client is about is called off and not waited for. */
  async finish(withinMs: number): Promise<void> {
    this.dispatcher.refuse()
    void this.#failovers.end(connectionClosedError())
    await this.#answered(withinMs)
  }

  #answered(withinMs: number): Promise<void> {
    return settledWithin(
      this.#unanswered().map(({ promise }) => promise),
      withinMs
    )
  }

  /** What is in flight, and what was executed and is not confirmed. */
  #unanswered(): Call[] {
    const inFlight = this.#connections().flatMap((redis) => listInFlight(redis).map(({ command }) => command as Call))
    return [...inFlight, ...this.dispatcher.unconfirmed]
  }

  /** Stops following; what waits or is in flight is settled with this reason. */
  stop(reason: Error): void {
    this.#failovers.stop(connectionClosedError())
    this.#hold.stop()
    this.#log.stop()
    this.gaps.end()
    this.#subscriber?.close()
    this.dispatcher.close(reason)
    this.#reads?.close()
    if (this.#party !== undefined) this.#lease?.watch.parties.leave(this.#party)
    this.#lease?.watch.off('topology', this.#onTopology)
    this.#lease?.watch.off('observation', this.#onObservation)
    this.#lease?.watch.off('trouble', this.#onTrouble)
    this.#lease?.release()
    this.#lease = undefined
    this.#credentials.close()
  }

  /** Fails the group over. When this client is closed meanwhile it is called off, or carried to its end. Rejects with FailoverFailedError. */
  async failover(options: ResolvedFailover): Promise<FailoverTimeline> {
    if (this.#redis?.status === 'wait') this.#redis.connect().catch(() => undefined)
    return await this.#failovers.run(options)
  }

  /** Why no primary can be reached, as well as it is known now. */
  whyNotReady(): Error {
    return this.#troubles.whyNotReady(this.topology, this.#lease?.watch)
  }

  /** Every sentinel has answered or failed, and none knows the group; its known names are asked for when that is so. */
  knowsNoSuchGroup(): Promise<boolean> {
    return this.#troubles.knowsNoSuchGroup(this.topology, this.#lease?.watch)
  }

  #connections(): readonly AnyRedis[] {
    const feeds = this.#subscriber?.connections ?? []
    return [...this.#replicas().map((one) => one.redis), ...feeds, ...(this.#redis === undefined ? [] : [this.#redis])]
  }

  #watch(): Watch {
    if (this.#lease !== undefined) return this.#lease.watch
    this.#credentials.follow()
    const lease = leaseWatch(this.#options, this.node, this.#logger)
    this.#lease = lease
    if (this.#redis !== undefined) this.#party = new ClientParty(this.#redis, this.dispatcher)
    lease.watch.on('observation', this.#onObservation)
    lease.watch.on('topology', this.#onTopology)
    lease.watch.on('trouble', this.#onTrouble)
    if (lease.watch.topology.revision > 0) this.#onTopology(lease.watch.topology, emptyTopology(this.#options.name))
    // The first topology ends what a handover of before has held; one that is under way now holds this client too.
    if (this.#party !== undefined) lease.watch.parties.join(this.#party)
    return lease.watch
  }

  readonly #onObservation = (observation: Parameters<TimelineRecorder['observed']>[0]): void => {
    this.#timeline.observed(observation)
    if (observation.kind === 'snapshot') this.#troubles.isWell(observation.from)
  }

  readonly #onTrouble = (error: OpenError, hop: Hop): void => {
    this.#troubles.onTheWay(error, hop, this.#redis)
  }

  readonly #onTopology = (topology: Topology, before: Topology): void => {
    const lease = this.#lease
    if (lease === undefined) return
    const at = steadyNow()
    const { dispatcher } = this
    const began = this.#timeline.follow(topology, before, at, { ...dispatcher.counts })
    if (began) {
      dispatcher.counts.longestHoldMs = 0
      this.#log.failoverBegins(topology)
      this.#emit('failover-started', topology)
      // A listener may have ended this client.
      if (this.#lease !== lease) return
    }
    // The cut comes first: what is held must not be let out to the node that was replaced.
    const connected = dispatcher.connectedTo
    if (connected !== undefined && !sameAddress(connected, topology.primary?.address)) this.#leave(at)
    // Cut before the promotion, the connection to the next one is waited for by then.
    else if (connected !== undefined && successorIn(topology) !== undefined) {
      if (dispatcher.silent && !dispatcher.paused) this.#cut('it is silent, and a replica is chosen to replace it')
      else if (dispatcher.idle) this.#cut('nothing is in flight there, and a replica is chosen to replace it')
    }
    if (!sameAddress(before.primary?.address, topology.primary?.address)) {
      this.reads.forgetWrites()
      this.#party?.release()
    }
    this.#hold.follow(topology, at)
    this.#addresses.follow(topology, lease.watch.namedSentinels)
    this.reads.follow(topology)
    this.#subscriber?.follow()
    announce(topology, before, this.#emit)
    if (this.#lease === lease) this.#finishTimeline()
  }

  #finishTimeline(): void {
    const { topology, dispatcher } = this
    if (!this.#timeline.running || topology.phase.kind !== 'stable' || !dispatcher.open) return
    const timeline = this.#timeline.finish(topology, steadyNow(), { ...dispatcher.counts })
    if (timeline === undefined) return
    this.#log.failoverOver(timeline)
    this.#failovers.followed(timeline)
    this.#emit('failover', timeline)
  }

  /** What is told of calls that have waited for long. */
  #standstill(): object {
    const { topology, dispatcher } = this
    return {
      waiting: dispatcher.heldNow,
      reasons: dispatcher.holdReasons,
      phase: describePhase(topology.phase),
      primary: topology.primary?.address
    }
  }

  /** The primary is another node. */
  #leave(at: number): void {
    const underWay = this.dispatcher.leaving
    if (!this.dispatcher.leavePaused()) this.#cut('the primary is another node')
    else if (!underWay)
      this.#timeline.did(at, 'left', 'the primary is another node; it still has to refuse what it held back')
  }

  #demoted(): void {
    const address = this.dispatcher.connectedTo
    // Each call on its way there is refused, and once is enough.
    if (address === undefined || !this.dispatcher.leave()) return
    this.#lease?.watch.observe({ kind: 'node-error', at: steadyNow(), address, error: 'refused' })
    this.#lease?.watch.refresh()
    this.#timeline.did(steadyNow(), 'cut', 'it refuses writes')
  }

  #missed(gap: SubscriptionGap): void {
    this.#log.missed(gap)
    this.#emit('subscription-gap', gap)
  }

  #cut(why: string): void {
    this.#timeline.did(steadyNow(), 'cut', why)
    this.dispatcher.cut()
  }

  /** That of the calls: while it has RESP2 subscriptions it is made anew instead of being authenticated. */
  #liveConnection(): LiveConnection {
    const { connectedTo } = this.dispatcher
    return {
      route: connectedTo && this.#options.routeTo(connectedTo, 'primary'),
      authenticate: (words) => {
        const asked = this.dispatcher.authenticate(words)
        if (asked !== 'subscribed') return asked
        this.#redis?.disconnect(true)
        return 'none'
      }
    }
  }

  #replicas(): readonly ReplicaConnection[] {
    return this.#reads?.replicas ?? []
  }

  #downAfterMs(): number {
    return this.topology.settings?.downAfterMs ?? DEFAULT_DOWN_AFTER_MS
  }

  #hopelessAfterMs(): number {
    return this.#downAfterMs() + HOPELESS_MARGIN_MS
  }
}
