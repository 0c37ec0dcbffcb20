import { Redis } from 'ioredis'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../../src/protocol/address.js'
import { formatAddress } from '../../src/protocol/address.js'
import type { LocalNode, LocalSentinel, LocalTopology } from '../../src/testkit/index.js'
import type { Replies, Reply } from './replies.js'
import { shorten } from './replies.js'

/** Milliseconds since the recording began, and what was seen. In `asked` a reply that is as before is left out. */
export type Entry =
  | { readonly at: number; readonly sentinel: string; readonly channel: string; readonly message: string }
  | { readonly at: number; readonly sentinel: string; readonly asked: Partial<Replies> }
  | { readonly at: number; readonly sentinel: string; readonly lost: string }
  | { readonly at: number; readonly node: string; readonly role: string }
  | { readonly at: number; readonly did: string }

const ASK_EVERY_MS = 100
const ROLE_EVERY_MS = 20
const TIMEOUT_MS = 1_000

/** Writes down all that every sentinel says, on one connection each as the client has it, and every change of a node's role. */
export class Recorder {
  readonly entries: Entry[] = []
  /** Nodes and sentinels, in the order in which they came. */
  readonly members: Address[] = []
  server = ''
  /** The first sentinel's first answers, with all their fields. */
  raw: Replies | undefined
  readonly #topology: LocalTopology
  readonly #connections: Redis[] = []
  readonly #running: Promise<void>[] = []
  readonly #started = performance.now()
  #stopped = false

  constructor(topology: LocalTopology) {
    this.#topology = topology
  }

  async start(): Promise<void> {
    const info = String(await this.#topology.nodes[0]?.command('INFO', 'server'))
    this.server = /^(?:valkey|redis)_version:\S+/m.exec(info)?.[0] ?? ''
    for (const node of this.#topology.nodes) this.watchNode(node)
    for (const sentinel of this.#topology.sentinels) await this.watchSentinel(sentinel)
  }

  did(what: string): void {
    this.entries.push({ at: this.#now(), did: what })
  }

  /** Resolves when a sentinel has published on this channel since `from`, an index into the entries. */
  async published(channel: string, from = 0, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!this.entries.slice(from).some((entry) => 'channel' in entry && entry.channel === channel)) {
      if (performance.now() > deadline) throw new Error(`no ${channel} within ${timeoutMs} ms`)
      await sleep(20)
    }
  }

  watchNode(node: LocalNode): void {
    const key = formatAddress(node.address)
    this.members.push(node.address)
    let last = 'replica'
    const watch = async (): Promise<void> => {
      while (!this.#stopped) {
        const role = await node.role(TIMEOUT_MS).then(
          (answer) => answer.role,
          () => 'unreachable'
        )
        if (role !== last) this.entries.push({ at: this.#now(), node: key, role })
        last = role
        await sleep(ROLE_EVERY_MS)
      }
    }
    this.#running.push(watch())
  }

  async watchSentinel(sentinel: LocalSentinel): Promise<void> {
    const key = formatAddress(sentinel.address)
    this.members.push(sentinel.address)
    const { host, port } = sentinel.address
    const connection = new Redis({
      host,
      port,
      maxRetriesPerRequest: null,
      enableOfflineQueue: false,
      lazyConnect: true
    })
    connection.on('error', () => undefined)
    connection.on('close', () => {
      if (!this.#stopped) this.entries.push({ at: this.#now(), sentinel: key, lost: 'the connection was closed' })
    })
    // The pattern shows channels that nobody has thought of.
    connection.on('pmessage', (_pattern: string, channel: string, message: string) => {
      this.entries.push({ at: this.#now(), sentinel: key, channel, message })
    })
    await connection.connect()
    await connection.psubscribe('*')
    this.#connections.push(connection)
    this.#running.push(this.#askForEver(connection, key))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
    for (const connection of this.#connections) connection.disconnect()
  }

  async #askForEver(connection: Redis, key: string): Promise<void> {
    let known: Partial<Record<keyof Replies, string>> = {}
    let silent = false
    while (!this.#stopped) {
      const replies = await Promise.race([this.#ask(connection), sleep(TIMEOUT_MS, undefined)]).catch(() => undefined)
      if (replies === undefined) {
        if (!silent && connection.status === 'ready')
          this.entries.push({ at: this.#now(), sentinel: key, lost: `no answer for ${TIMEOUT_MS} ms` })
        silent = true
        known = {}
      } else {
        silent = false
        this.raw ??= replies
        const changed = Object.entries(shorten(replies)).filter(
          ([question, reply]) => known[question as keyof Replies] !== JSON.stringify(reply)
        )
        for (const [question, reply] of changed) known[question as keyof Replies] = JSON.stringify(reply)
        if (changed.length > 0)
          this.entries.push({ at: this.#now(), sentinel: key, asked: Object.fromEntries(changed) })
      }
      await sleep(ASK_EVERY_MS)
    }
  }

  async #ask(connection: Redis): Promise<Replies> {
    const ask = (...words: string[]): Promise<Reply> => connection.call('SENTINEL', ...words) as Promise<Reply>
    const { name } = this.#topology
    const [id, primary, primaryAddress, replicas, sentinels, info] = await Promise.all([
      ask('MYID'),
      ask('MASTER', name),
      ask('GET-MASTER-ADDR-BY-NAME', name),
      ask('REPLICAS', name),
      ask('SENTINELS', name),
      connection.info('sentinel')
    ])
    return { id, primary, primaryAddress, replicas, sentinels, info }
  }

  #now(): number {
    return Math.round(performance.now() - this.#started)
  }
}
