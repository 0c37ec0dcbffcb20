import type { Socket } from 'node:net'

/**
 * Commands of one tick share one write to the socket: the first goes at once, so that a lone command loses nothing, and those
 * that follow it in the same tick leave together when the tick ends.
 */
export class TickCork {
  #corked: Socket | undefined

  /** A command was just written to this socket. */
  wrote(socket: Socket): void {
    if (this.#corked === socket) return
    this.#corked?.uncork()
    this.#corked = socket
    socket.cork()
    process.nextTick(this.#release, socket)
  }

  readonly #release = (socket: Socket): void => {
    if (this.#corked !== socket) return
    this.#corked = undefined
    socket.uncork()
  }
}
