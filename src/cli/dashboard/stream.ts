import type { ServerResponse } from 'node:http'
import type { Feed } from './feed.js'

/** A page that leaves so much unread, beside what it was told when it opened, is cut off, and connects again when it reads. */
const MOST_UNREAD_BYTES = 4 * 2 ** 20
/** Says that the connection lives, to a page that asks itself. */
const HEARTBEAT_MS = 10_000
const RETRY_MS = 1_000

/** Server-Sent Events: each message of the feed as one event, for as long as the page listens. */
export function streamTo(response: ServerResponse, feed: Feed): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
  response.write(`retry: ${RETRY_MS}\n\n`)
  // The first message is told at once, as long as it may be: one that is cut off by it would be again at each attempt.
  let mostUnread = Infinity
  const stop = feed.listen((message) => {
    // JSON has no line break in it.
    if (response.writableLength <= mostUnread) response.write(`data: ${JSON.stringify(message)}\n\n`)
    else response.destroy()
  })
  mostUnread = response.writableLength + MOST_UNREAD_BYTES
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS)
  response.on('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}
