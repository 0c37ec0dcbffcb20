/** No redis-server, redis-sentinel or valkey-* was found. The message names the package to install and where was looked. */
export class MissingBinaryError extends Error {
  override readonly name = 'MissingBinaryError'
  /** The binaries that were looked for, in order. */
  readonly looked: readonly string[]
  constructor(message: string, looked: readonly string[]) {
    super(message)
    this.looked = looked
  }
}

/** This machine or this user cannot inject the fault: the message says what is missing. Nothing was changed. */
export class FaultUnavailableError extends Error {
  override readonly name = 'FaultUnavailableError'
}

/** A server process did not start, or ended while starting. The message holds the end of its log. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError'
}

/** The topology did not reach the awaited state in time, or before it was stopped. The message says what was seen last. */
export class TopologyTimeoutError extends Error {
  override readonly name = 'TopologyTimeoutError'
}

/** A server's error reply; `message` is its words as sent, for example `NOGOODSLAVE No suitable replica to promote`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}
