import type { Command } from 'ioredis'
import type { Socket } from 'node:net'
import type { AnyRedis } from './any-redis.js'
import type { ContactedNode } from '../observe/command-trace.js'
import type { Address } from '../protocol/address.js'
import { holdsInFlight } from './ioredis-internals.js'

/** One connection to a node, for those who are told which node a call went to. */
export class Contact implements ContactedNode {
  readonly role: 'primary' | 'replica'
  readonly address: Address
  readonly peer: Address | undefined
  readonly #redis: AnyRedis

  constructor(role: 'primary' | 'replica', address: Address, redis: AnyRedis, socket: Socket) {
    this.role = role
    this.address = address
    const { remoteAddress: host, remotePort: port } = socket
    this.peer = host === undefined || port === undefined ? undefined : { host, port }
    this.#redis = redis
  }

  /** The answer is still to come from here. */
  awaits(command: Command): boolean {
    return holdsInFlight(this.#redis, command)
  }
}
