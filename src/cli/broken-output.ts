type Stream = NodeJS.EventEmitter

const GONE = ['EPIPE', 'EIO', 'ECONNRESET']

/** Nobody reads what is written there any more: the other end of the pipe or socket is closed, or the terminal is gone. */
function isGone(error: NodeJS.ErrnoException): boolean {
  return GONE.includes(error.code ?? '')
}

/**
 * Calls `end` when nobody reads any more what is written there, until the function it returns is called: for commands that are there to be
 * read, and go on for long. What cannot be written for another reason, such as a full disk, ends nothing.
 */
export function whenNobodyReads(stream: Stream, end: () => void): () => void {
  const onError = (error: Error): void => {
    if (isGone(error)) end()
  }
  stream.on('error', onError)
  return () => void stream.off('error', onError)
}

/**
 * What nobody reads is left out, each time that it is written, and is no reason to end in the midst of something: `failover` carries it to
 * its end. Nor is what cannot be written for another reason, such as a full disk: that is said once. The function it returns says whether
 * somebody is without a part of the standard output that way.
 */
export function leaveOutWhatNobodyReads(
  { stdout, stderr }: Readonly<Record<'stdout' | 'stderr', Stream>>,
  say: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)
): () => boolean {
  let isLost = false
  let isSaid = false
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isGone(error)) return
      if (stream === stdout) isLost = true
      if (isSaid) return
      isSaid = true
      say(`error: what this command says cannot be written: ${error.message}`)
    })
  return () => isLost
}
