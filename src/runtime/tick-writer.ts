import type { Socket } from 'node:net'

/** Enough for a write of its own, so that the server begins while the rest is made. In characters. */
const LARGE = 32_768
/** What has come together for so long, in milliseconds, is written too, for the same reason. */
const LONG_MS = 0.1
/** The clock is asked when a piece of this length comes, which took its time to be made, and otherwise when so much more has come together. */
const LONG_PIECE = 128
const STRETCH = 8_192
/** A tick that wrote so many is followed by another such one, as far as anybody can tell. */
const MANY = 4

/**
 * Has this socket write once a tick: the first commands go at once, so that a lone one loses nothing, and those that follow in
 * the same tick are joined and leave together when it ends, or before, when it takes long. After a tick with many commands the first waits for the others too.
 * Every writer of the socket comes through here, so their order stays. `isIdle`: no reply is outstanding, and what is written now
 * is most likely alone, and not worth an end of the tick.
 */
export function writeByTick(socket: Socket, isIdle: () => boolean): void {
  const plainWrite = socket.write.bind(socket) as (data: unknown, encoding?: unknown, done?: unknown) => boolean
  const plainEnd = socket.end.bind(socket) as (...words: unknown[]) => Socket
  let joined = ''
  /** The length of `joined` when the clock was asked last, and the time at which something was written last in this tick. */
  let askedAt = 0
  let wroteAt = 0
  let isOpen = false
  let isCorked = false
  let count = 0
  let lastCount = 0

  const writeJoined = (): void => {
    if (joined === '') return
    const text = joined
    joined = ''
    askedAt = 0
    plainWrite(text)
  }
  const writeWhatIsOld = (): void => {
    askedAt = joined.length
    const now = performance.now()
    if (now - wroteAt < LONG_MS && joined.length < LARGE) return
    wroteAt = now
    writeJoined()
  }
  const endTick = (): void => {
    isOpen = false
    lastCount = count
    if (socket.destroyed) {
      joined = ''
      return
    }
    writeJoined()
    if (!isCorked) return
    isCorked = false
    socket.uncork()
  }
  const begin = (): void => {
    isOpen = true
    count = 0
    wroteAt = performance.now()
    process.nextTick(endTick)
  }

  const write = (data: unknown, encoding?: unknown, done?: unknown): boolean => {
    if (socket.destroyed || encoding !== undefined) {
      writeJoined()
      return plainWrite(data, encoding, done)
    }
    const isFirst = !isOpen
    const goesAtOnce = isFirst && lastCount < MANY
    if (goesAtOnce && isIdle()) return plainWrite(data)
    if (isFirst) begin()
    count += 1
    if (goesAtOnce) return plainWrite(data)
    if (typeof data === 'string') {
      joined += data
      if (data.length >= LONG_PIECE || joined.length >= askedAt + STRETCH) writeWhatIsOld()
      return !socket.writableNeedDrain
    }
    if (!isCorked) {
      isCorked = true
      socket.cork()
    }
    writeJoined()
    return plainWrite(data)
  }
  const end = (...words: unknown[]): Socket => {
    writeJoined()
    return plainEnd(...words)
  }
  Object.assign(socket, { write, end })
}
