import type { LocalNode } from 'ioredis-sentinel/testkit'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { eventually } from './server-view.js'

/** One command that a node executed. */
export interface Executed {
  /** `host:port` of whoever sent it, or `lua`. */
  readonly source: string
  readonly words: readonly string[]
}

/** MONITOR on one node: what it executes, in its order. It shows no commands of administration, and none that it refuses. */
export class Monitor {
  readonly #node: LocalNode
  readonly #socket: Socket
  readonly #executed: Executed[] = []
  #rest = ''

  private constructor(node: LocalNode, socket: Socket) {
    this.#node = node
    this.#socket = socket
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#read(text)
    })
  }

  static async start(node: LocalNode): Promise<Monitor> {
    const { host, port } = node.address
    const socket = connect({ host, port })
    await once(socket, 'connect')
    const monitor = new Monitor(node, socket)
    socket.write('MONITOR\r\n')
    await monitor.upToNow()
    return monitor
  }

  /** All that the node has executed until now. */
  async upToNow(): Promise<readonly Executed[]> {
    const mark = randomUUID()
    await eventually(async () => {
      await this.#node.command('ECHO', mark)
      expect(this.#executed.some(({ words }) => words[1] === mark)).toBe(true)
    }, 30_000)
    return [...this.#executed]
  }

  stop(): void {
    this.#socket.destroy()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const found = /^\+[\d.]+ \[\d+ (?<source>\S+)\] (?<words>.*)$/.exec(line)?.groups
      if (found !== undefined)
        this.#executed.push({ source: found['source'] ?? '', words: wordsIn(found['words'] ?? '') })
    }
  }
}

/** redis `sds.c` sdscatrepr(). */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' }

function wordsIn(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
    quoted.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, letter = '') =>
      hex === undefined ? (ESCAPES[letter as string] ?? String(letter)) : String.fromCharCode(parseInt(hex, 16))
    )
  )
}
