import type { Socket } from 'node:net'
import type { Address } from '../protocol/address.js'
import type { NodeRole, WireValue } from '../protocol/handshake.js'
import { encodeCommand, GreetingReader } from '../protocol/handshake.js'
import { connectionClosedError } from './ioredis-internals.js'
import type { NodeSettings } from './open-node.js'
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
  readonly #questions: Question[] = []
  readonly #reader = new GreetingReader()

  private constructor(socket: Socket, role: NodeRole) {
    this.#socket = socket
    this.role = role
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
    socket.once('close', () => {
      for (const question of this.#questions.splice(0)) question.reject(connectionClosedError())
    })
    socket.resume()
  }

  /** Rejects with OpenNodeError, or with the signal's reason. */
  static async open(address: Address, settings: NodeSettings, signal: AbortSignal): Promise<SideConnection> {
    const { socket, role } = await openNode(address, settings, signal)
    return new SideConnection(socket, role)
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
      this.#questions.push({ expected: commands.length, answers: [], resolve, reject })
      this.#socket.write(Buffer.concat(commands.map(encodeCommand)))
    })
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
