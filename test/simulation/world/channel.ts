import type { Network } from './network.js'
import type { Process, ServerEnd } from './process.js'
import type { Reply } from './reply.js'

/** `end`: the server closed it. `reset`: nobody is there any more who knows of it. `refused`: nobody listens. */
export type Ending = 'end' | 'reset' | 'refused'

export interface ClientEnd {
  connected(): void
  data(message: Reply): void
  ended(how: Ending): void
}

/** A lost packet of a stream is sent again after this, doubled each time. */
const RESEND_MS = 200
const LONGEST_RESEND_MS = 800
const CONNECT_AGAIN_MS = 1_000

/** One TCP connection, in whole messages: in order, each direction held up by what is lost or cut off. */
export class Channel {
  readonly #network: Network
  readonly #clientHost: number
  readonly server: Process
  readonly #client: ClientEnd
  readonly #up: Pipe<readonly string[] | 'end'>
  readonly #down: Pipe<Reply | 'end' | 'reset'>
  #end: ServerEnd | undefined
  #incarnation = -1
  /** The client has not closed it. */
  open = true

  constructor(network: Network, clientHost: number, server: Process, client: ClientEnd) {
    this.#network = network
    this.#clientHost = clientHost
    this.server = server
    this.#client = client
    this.#up = new Pipe(network, clientHost, server.host, (message) => {
      this.#atServer(message)
    })
    this.#down = new Pipe(network, server.host, clientHost, (message) => {
      this.#atClient(message)
    })
    this.#connect()
  }

  /** From the client. */
  send(words: readonly string[]): void {
    if (this.open) this.#up.push(words)
  }

  /** By the client; what it sent before is still delivered. */
  destroy(): void {
    if (!this.open) return
    this.open = false
    this.#down.stop()
    this.#up.push('end')
  }

  /** From the server. */
  reply(message: Reply): void {
    if (this.#end !== undefined) this.#down.push(message)
  }

  /** By the server, behind what it has answered. */
  close(): void {
    if (this.#end === undefined) return
    this.#down.push('end')
    this.#forget()
  }

  serverDied(machineToo: boolean): void {
    if (!machineToo && this.#end !== undefined) this.#down.push('end')
    this.#forget()
  }

  #connect(): void {
    const { clock } = this.#network
    clock.schedule(this.#network.delay(), () => {
      if (!this.open) return
      const { server } = this
      const lost = !this.#network.isOpen(this.#clientHost, server.host) || this.#network.isLost()
      if (lost || !server.machineUp) {
        clock.schedule(CONNECT_AGAIN_MS, () => {
          if (this.open) this.#connect()
        })
      } else if (!server.alive) this.#down.push('reset')
      else {
        this.#incarnation = server.incarnation
        server.channels.add(this)
        this.#end = server.accept(this)
        this.#down.push(CONNECTED)
      }
    })
  }

  #atServer(message: readonly string[] | 'end'): void {
    const { server } = this
    if (!server.machineUp) return
    if (this.#end === undefined || !server.alive || server.incarnation !== this.#incarnation) {
      if (message !== 'end') this.#down.push('reset')
      return
    }
    server.receive(() => {
      if (message !== 'end') this.#end?.command(message)
      else {
        this.#end?.closed()
        this.#forget()
      }
    })
  }

  #atClient(message: Reply | 'end' | 'reset'): void {
    if (!this.open) return
    if (message === CONNECTED) this.#client.connected()
    else if (message === 'end' || message === 'reset') {
      this.open = false
      this.#client.ended(message === 'end' ? 'end' : this.#incarnation === -1 ? 'refused' : 'reset')
    } else this.#client.data(message)
  }

  #forget(): void {
    this.server.channels.delete(this)
    this.#end = undefined
  }
}

const CONNECTED: Reply = { kind: 'simple', text: 'connected' }

/** One direction of a stream. */
class Pipe<Message> {
  readonly #network: Network
  readonly #from: number
  readonly #to: number
  readonly #deliver: (message: Message) => void
  #queue: { readonly message: Message; readonly readyAt: number }[] = []
  #lastAt = 0
  #running = false
  #stopped = false
  #resendMs = RESEND_MS

  constructor(network: Network, from: number, to: number, deliver: (message: Message) => void) {
    this.#network = network
    this.#from = from
    this.#to = to
    this.#deliver = deliver
  }

  push(message: Message): void {
    if (this.#stopped) return
    const { clock } = this.#network
    const lostForMs = this.#network.isLost() ? RESEND_MS : 0
    this.#lastAt = Math.max(this.#lastAt, clock.now + this.#network.delay() + lostForMs)
    this.#queue.push({ message, readyAt: this.#lastAt })
    if (!this.#running) this.#wait(this.#lastAt - clock.now)
  }

  stop(): void {
    this.#stopped = true
    this.#queue = []
  }

  #wait(delayMs: number): void {
    this.#running = true
    this.#network.clock.schedule(delayMs, () => {
      this.#running = false
      this.#run()
    })
  }

  #run(): void {
    if (this.#queue.length === 0) return
    if (!this.#network.isOpen(this.#from, this.#to)) {
      this.#wait(this.#resendMs)
      this.#resendMs = Math.min(LONGEST_RESEND_MS, 2 * this.#resendMs)
      return
    }
    this.#resendMs = RESEND_MS
    const { clock } = this.#network
    const due = this.#queue.filter(({ readyAt }) => readyAt <= clock.now)
    this.#queue = this.#queue.slice(due.length)
    const [next] = this.#queue
    if (next !== undefined) this.#wait(next.readyAt - clock.now)
    for (const { message } of due) if (!this.#stopped) this.#deliver(message)
  }
}
