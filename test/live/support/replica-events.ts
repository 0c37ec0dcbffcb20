import type { ReplicaBack, ReplicaOut, SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { expect } from 'vitest'
import { eventually } from './server-view.js'

/** What a client told of its replicas, from when this was made. */
export class ReplicaEvents {
  readonly outs: ReplicaOut[] = []
  readonly backs: ReplicaBack[] = []

  constructor(client: SentinelRedis) {
    client.on('replica-out', (out) => this.outs.push(out))
    client.on('replica-back', (back) => this.backs.push(back))
  }

  /** Resolves with the event when the client has told that it does not read from this node. */
  async out(node: LocalNode): Promise<ReplicaOut> {
    return found(this.outs, node)
  }

  /** Resolves with the event when the client has told that it reads from this node again. */
  async back(node: LocalNode): Promise<ReplicaBack> {
    return found(this.backs, node)
  }
}

async function found<Told extends ReplicaOut | ReplicaBack>(told: readonly Told[], node: LocalNode): Promise<Told> {
  let event: Told | undefined
  await eventually(() => {
    event = told.find(({ address }) => address.host === node.address.host && address.port === node.address.port)
    expect(event).toBeDefined()
  }, 20_000)
  return event as Told
}
