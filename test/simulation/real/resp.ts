import type { Reply } from '../world/reply.js'

/** Reads whole requests out of what a client writes. Requests are ASCII here. */
export class RequestReader {
  #pending = ''

  push(chunk: Buffer | string): string[][] {
    this.#pending += typeof chunk === 'string' ? chunk : chunk.toString('latin1')
    const requests: string[][] = []
    for (;;) {
      const step = readRequest(this.#pending)
      if (step === undefined) return requests
      requests.push(step.words)
      this.#pending = this.#pending.slice(step.end)
    }
  }
}

function readRequest(text: string): { words: string[]; end: number } | undefined {
  let lineEnd = text.indexOf('\r\n')
  if (lineEnd === -1) return undefined
  const count = Number(text.slice(1, lineEnd))
  const words: string[] = []
  let at = lineEnd + 2
  for (let i = 0; i < count; i++) {
    lineEnd = text.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const length = Number(text.slice(at + 1, lineEnd))
    const start = lineEnd + 2
    if (text.length < start + length + 2) return undefined
    words.push(text.slice(start, start + length))
    at = start + length + 2
  }
  return { words, end: at }
}

/** RESP3. */
export function encodeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'simple':
      return `+${reply.text}\r\n`
    case 'bulk':
      return `$${reply.text.length}\r\n${reply.text}\r\n`
    case 'number':
      return `:${reply.value}\r\n`
    case 'null':
      return '_\r\n'
    case 'error':
      return `-${reply.message}\r\n`
    case 'list':
      return `*${reply.items.length}\r\n${reply.items.map(encodeReply).join('')}`
    case 'push':
      return `>${reply.items.length}\r\n${reply.items.map(encodeReply).join('')}`
    case 'map':
      return `%${reply.entries.length}\r\n${reply.entries
        .map(([key, value]) => `$${key.length}\r\n${key}\r\n${encodeReply(value)}`)
        .join('')}`
    default:
      throw new Error(`a ${reply.kind} has no form in RESP`)
  }
}
