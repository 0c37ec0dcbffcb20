/**
 * Ctrl-C ends the program that runs; this tells the one who started it, so that the rest ends too, with the summary still printed.
 * @returns {{ signal: string | undefined, stop: () => void }}
 */
export function watchForInterruption() {
  const watch = { signal: undefined, stop: () => signals.forEach((signal) => process.off(signal, note)) }
  const note = (signal) => (watch.signal = signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, note)
  return watch
}
