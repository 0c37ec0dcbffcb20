const GONE = ['EPIPE', 'EIO']

/** Nobody reads what is written there any more: the other end of the pipe is closed, or the terminal is gone. */
export function isGone(error: NodeJS.ErrnoException): boolean {
  return GONE.includes(error.code ?? '')
}

/**
 * What nobody reads is left out, each time that it is written, and is no reason to end in the midst of something: `failover` carries it to
 * its end. Commands that are there to be read, and go on for long, end by listeners of their own.
 */
export function leaveOutWhatNobodyReads(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!isGone(error)) throw error
    })
}
