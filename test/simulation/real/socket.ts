import { Duplex } from 'node:stream'
import type { Channel, ClientEnd, Ending } from '../world/channel.js'
import type { Reply } from '../world/reply.js'
import { encodeReply, RequestReader } from './resp.js'

/** Stands where a net.Socket would: a connection through the simulated network. */
export class SimSocket extends Duplex implements ClientEnd {
  connecting = true
  readonly #reader = new RequestReader()
  readonly #dial: (end: ClientEnd) => Channel
  readonly #wake: () => void
  readonly #onRequest: (words: readonly string[], channel: Channel) => void
  readonly #channel: Channel

  constructor(
    dial: (end: ClientEnd) => Channel,
    wake: () => void,
    onRequest: (words: readonly string[], channel: Channel) => void
  ) {
    super({ allowHalfOpen: false })
    this.#dial = dial
    this.#wake = wake
    this.#onRequest = onRequest
    this.#channel = this.#dial(this)
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  /** The client's own timers do what a socket's would. */
  setTimeout(): this {
    return this
  }

  connected(): void {
    this.#wake()
    this.connecting = false
    this.emit('connect')
  }

  data(message: Reply): void {
    this.#wake()
    this.push(Buffer.from(encodeReply(message), 'latin1'))
  }

  ended(how: Ending): void {
    this.#wake()
    if (how === 'end') {
      this.push(null)
      return
    }
    const code = how === 'refused' ? 'ECONNREFUSED' : 'ECONNRESET'
    this.destroy(
      Object.assign(new Error(`${how === 'refused' ? 'connect' : 'read'} ${code}`), { code, syscall: 'connect' })
    )
  }

  override _read(): void {
    /* data comes by itself */
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take(chunk)
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.#take(chunk)
    done()
  }

  override _final(done: () => void): void {
    this.#channel.destroy()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.destroy()
    done(error)
  }

  #take(chunk: Buffer): void {
    for (const words of this.#reader.push(chunk)) {
      this.#onRequest(words, this.#channel)
      this.#channel.send(words)
    }
  }
}
