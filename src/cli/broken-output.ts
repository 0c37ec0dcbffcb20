const GONE = ['EPIPE', 'EIO']

/** Nobody reads what is written there any more: the other end of the pipe is closed, or the terminal is gone. */
export function isGone(error: NodeJS.ErrnoException): boolean {
  return GONE.includes(error.code ?? '')
}

/**
 * What nobody reads is left out, each time that it is written, and is no reason to end in the midst of something: `failover` carries it to
 * its end. Nor is what cannot be written for another reason, such as a full disk: that is said once. Commands that are there to be read, and
 * go on for long, end by listeners of their own.
 */
export function leaveOutWhatNobodyReads(
  streams: readonly NodeJS.EventEmitter[],
  say: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)
): void {
  let isSaid = false
  for (const stream of streams)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isGone(error) || isSaid) return
      isSaid = true
      say(`error: what this command says cannot be written: ${error.message}`)
    })
}
