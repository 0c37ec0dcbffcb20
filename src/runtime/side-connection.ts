import type { Socket } from 'node:net'
import type { Route } from '../protocol/address.js'
import type { NodeRole, WireValue } from '../protocol/handshake.js'
import { authWords, encodeCommand, GreetingReader } from '../protocol/handshake.js'
import { connectionClosedError } from './ioredis-internals.js'
import type { NodeSettings, OpenNode } from './open-node.js'
import { openNode } from './open-node.js'

interface Question {
  readonly expected: number
  readonly answers: WireValue[]
  readonly resolve: (answers: WireValue[]) => void
  readonly reject: (error: Error) => void
}

/** A connection of this library's own to a node, for questions that must not wait behind the caller's commands, nor they behind them. */
export class SideConnection {
  readonly role: NodeRole
  readonly #socket: Socket
  readonly #settings: NodeSettings
  #renewals: number
  readonly #questions: Question[] = []
  readonly #reader = new GreetingReader()

  private constructor({ socket, role, renewals }: OpenNode, settings: NodeSettings) {
    this.#socket = socket
    this.#settings = settings
    this.#renewals = renewals
    this.role = role
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
    socket.once('close', () => {
      for (const question of this.#questions.splice(0)) question.reject(connectionClosedError())
    })
    socket.resume()
  }

  /** Rejects with OpenError, or with the signal's reason. */
  static async open(route: Route, settings: NodeSettings, signal: AbortSignal): Promise<SideConnection> {
    return new SideConnection(await openNode(route, settings, signal), settings)
  }

  get open(): boolean {
    return this.#socket.writable
  }

  /** The answers to these commands, sent in one write; an error reply is a value among them. Rejects when the connection breaks. */
  ask(...commands: readonly (readonly string[])[]): Promise<WireValue[]> {
    return new Promise((resolve, reject) => {
      if (!this.open) {
        reject(connectionClosedError())
        return
      }
      const authenticates = this.#authentication()
      this.#questions.push({ expected: commands.length, answers: [], resolve, reject })
      this.#socket.write(Buffer.concat([...authenticates, ...commands].map(encodeCommand)))
    })
  }

  /** With new credentials, which the node is told before it is asked anything more. */
  #authentication(): readonly (readonly string[])[] {
    const { credentials } = this.#settings.access
    const { current, renewals } = credentials
    if (current?.password === undefined || renewals === this.#renewals) return []
    this.#renewals = renewals
    // Refused, the connection is what it was; those of the caller's calls are refused too, and tell it.
    this.#questions.push({ expected: 1, answers: [], resolve: () => undefined, reject: () => undefined })
    return [authWords(current)]
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    try {
      for (const answer of this.#reader.push(chunk)) {
        const [question] = this.#questions
        if (question === undefined) continue
        question.answers.push(answer)
        if (question.answers.length < question.expected) continue
        this.#questions.shift()
        question.resolve(question.answers)
      }
    } catch {
      this.#socket.destroy()
    }
  }
}
