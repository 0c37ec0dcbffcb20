import type { Address } from '../../protocol/address.js'
import { formatAddress } from '../../protocol/address.js'
import { WireError } from '../../protocol/handshake.js'
import type { ReplicationInfo } from '../../protocol/parse-info.js'
import { parseReplicationInfo } from '../../protocol/parse-info.js'
import { answersWithin } from '../answers-within.js'
import type { SideConnection } from '../side-connection.js'
import type { FailoverHost } from './failover-host.js'

const ANSWER_WITHIN_MS = 1_000

/** A node that is asked again and again, on a connection that is made anew when it breaks. */
export class AskedNode {
  readonly address: Address
  readonly #host: FailoverHost
  readonly #kind: 'primary' | 'replica'
  readonly #abort = new AbortController()
  #connection: SideConnection | undefined
  #opening: Promise<SideConnection> | undefined

  constructor(host: FailoverHost, address: Address, kind: 'primary' | 'replica') {
    this.#host = host
    this.address = address
    this.#kind = kind
  }

  /** Error replies are values. Rejects when it cannot be reached, or does not answer. */
  async ask(...commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    return answersWithin(ANSWER_WITHIN_MS, await this.#connected(), commands)
  }

  /** Its role and position. Rejects with the error reply too. */
  async position(): Promise<ReplicationInfo> {
    const [text] = await this.ask(['INFO', 'replication'])
    if (text instanceof WireError) throw new Error(text.message)
    const info = typeof text === 'string' ? parseReplicationInfo(text) : undefined
    if (info === undefined) throw new Error(`${formatAddress(this.address)} tells no replication offset in INFO`)
    return info
  }

  close(): void {
    this.#abort.abort()
    this.#connection?.close()
  }

  /** One connection for all that is asked at the same time. */
  async #connected(): Promise<SideConnection> {
    if (this.#connection?.open === true) return this.#connection
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #open(): Promise<SideConnection> {
    const { signal } = this.#abort
    const connection = await this.#host.open(this.address, this.#kind, signal)
    if (signal.aborted) connection.close()
    this.#connection = connection
    return connection
  }
}
