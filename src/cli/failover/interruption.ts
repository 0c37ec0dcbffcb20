import { ENDING_SIGNALS } from '../ending-signals.js'

/**
 * Aborted by the first signal to this process, which from now on none ends before what it did is undone or done, and told: a handover in
 * the midst of which it ends leaves writes paused.
 */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupted.signal.aborted) return
    process.stderr.write(`${signal}: called off if no sentinel has been asked, else carried to its end\n`)
    interrupted.abort(new Error(signal))
  }
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal)
  return interrupted.signal
}
