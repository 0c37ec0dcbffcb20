import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What a forked process says next. Rejects when it ends before that; `name` is what the error calls it. */
export async function nextMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
  const over = new AbortController()
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal: over.signal }),
      once(child, 'exit', { signal: over.signal }).then(() => {
        throw new Error(`${name} ended`)
      })
    ])) as [Message]
    return message
  } finally {
    over.abort()
  }
}

/** Ends one that ends when nobody listens to it any more. */
export async function endForked(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}
