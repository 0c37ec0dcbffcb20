import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { preciseNow } from '../../src/time-origin.js'

/** `1690000000.123456 [0 127.31.4.20:11203] "RPUSH" "ledger" "w00000001"`; what a script does comes from `lua`. */
const LINE = /\[\d+ (\S+)\] .*"(w\d{8})"/

/**
 * Which writes a replica got by replication, as its MONITOR tells. Sentinels kill every connection of the node in the
 * transaction that promotes it, so the end of this one is the moment of the promotion.
 */
export class ReplicationMonitor {
  readonly node: LocalNode
  readonly replicated = new Set<string>()
  /** When the node ended the connection; milliseconds since 1970. */
  endedAt: number | undefined
  readonly #socket: Socket
  readonly #nodes: ReadonlySet<string>
  #rest = ''

  private constructor(node: LocalNode, nodes: readonly LocalNode[], socket: Socket) {
    this.node = node
    this.#nodes = new Set(nodes.map(({ address }) => `${address.host}:${address.port}`))
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#read(text)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => (this.endedAt ??= preciseNow()))
  }

  static async open(node: LocalNode, nodes: readonly LocalNode[]): Promise<ReplicationMonitor> {
    const socket = connect(node.address)
    await once(socket, 'connect')
    socket.write('*1\r\n$7\r\nMONITOR\r\n')
    await once(socket, 'data')
    return new ReplicationMonitor(node, nodes, socket)
  }

  close(): void {
    this.endedAt ??= Infinity
    this.#socket.destroy()
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, from = '', id] = LINE.exec(line) ?? []
      if (id !== undefined && this.#nodes.has(from)) this.replicated.add(id)
    }
  }
}
