import type { AnyRedis } from './any-redis.js'
import { AccessError } from '../errors.js'
import type { ClientLog } from '../observe/client-log.js'
import { Troubles } from '../observe/troubles.js'
import type { Hop } from '../protocol/access.js'
import type { Topology } from '../topology/topology.js'
import type { AddressBook } from './address-map.js'
import { knowNoSuchGroup, whyNotReady } from './not-ready.js'
import type { OpenError } from './open-socket.js'
import { callApplication } from './uncaught.js'
import type { Watch } from './watch.js'

/** What keeps one client from its servers: told once to those who listen, and remembered for the error of a call that waits too long. */
export class ClientTroubles {
  readonly #log: ClientLog
  readonly #addresses: AddressBook
  /** Of a connection to the primary. */
  #last: OpenError | undefined
  /** What an 'error' event has told. */
  readonly #told = new Troubles()
  #knownNames: readonly string[] = []

  constructor(log: ClientLog, addresses: AddressBook) {
    this.#log = log
    this.#addresses = addresses
  }

  /** Told to the log, and by an 'error' event of the client when someone has to change something. */
  tell(error: OpenError, redis: AnyRedis | undefined): void {
    this.#log.trouble(error)
    const misconfigured = error instanceof AccessError || error.kind === 'alien'
    const listens = redis !== undefined && redis.listenerCount('error') > 0
    if (!misconfigured || !listens || !this.#told.isNews(error.message, performance.now())) return
    callApplication(() => redis.emit('error', error))
  }

  /** The same, of a connection by which a primary is looked for. */
  onTheWay(error: OpenError, hop: Hop, redis: AnyRedis | undefined): void {
    if (hop === 'node') this.#last = error
    this.tell(error, redis)
  }

  /** This server answers: what was said about it is over. */
  isWell(server: string): void {
    this.#log.isWell(server)
    this.#told.over(server)
  }

  /** A primary is connected. */
  arrived(server: string): void {
    this.#last = undefined
    this.isWell(server)
  }

  /** Why no primary can be reached, as well as it is known now. */
  whyNotReady(topology: Topology, watch: Watch | undefined): Error {
    return whyNotReady(topology, {
      sentinelErrors: watch?.sentinelErrors() ?? {},
      knownNames: this.#knownNames,
      lastTrouble: this.#last,
      mapHint: (address) => this.#addresses.hint(address)
    })
  }

  /** Every sentinel has answered or failed, and none knows the group; its known names are asked for when that is so. */
  async knowsNoSuchGroup({ sentinels, primary }: Topology, watch: Watch | undefined): Promise<boolean> {
    if (!knowNoSuchGroup(sentinels, primary !== undefined)) return false
    this.#knownNames = (await watch?.groupNames()) ?? []
    return true
  }
}
