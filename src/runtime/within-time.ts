/** What the caller's function gives, now or later; rejects when that takes longer. The signal is aborted then. */
export async function withinTime<Value>(
  ms: number,
  ask: (signal: AbortSignal) => Value | Promise<Value>
): Promise<Value> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`no answer within ${ms} ms`)
      late.abort(reason)
      reject(reason)
    }, ms).unref()
  })
  try {
    return await Promise.race([ask(late.signal), over])
  } finally {
    clearTimeout(timer)
  }
}
