import { ReplyError } from './errors.js'

/** What a RESP2 frame may hold. An error reply is a value, so that one in an array does not hide the rest. */
export type RespValue = string | number | null | ReplyError | RespValue[]

export type Argument = string | number | Buffer

const CRLF = '\r\n'

export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}${CRLF}`)]
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg))
    parts.push(Buffer.from(`$${bytes.length}${CRLF}`), bytes, Buffer.from(CRLF))
  }
  return Buffer.concat(parts)
}

/** Cuts a RESP2 byte stream into values, wherever the network cut it into chunks. */
export class RespReader {
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0

  /** All values complete so far; the rest waits for the next chunk. */
  push(chunk: Buffer): RespValue[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    const values: RespValue[] = []
    let consumed = 0
    for (;;) {
      this.#at = consumed
      const value = this.#value()
      if (value === undefined) break
      consumed = this.#at
      values.push(value)
    }
    this.#buffer = this.#buffer.subarray(consumed)
    return values
  }

  #line(): string | undefined {
    const end = this.#buffer.indexOf(CRLF, this.#at)
    if (end < 0) return undefined
    const line = this.#buffer.toString('utf8', this.#at, end)
    this.#at = end + CRLF.length
    return line
  }

  #value(): RespValue | undefined {
    const line = this.#line()
    if (line === undefined) return undefined
    const rest = line.slice(1)
    switch (line[0]) {
      case '+':
        return rest
      case '-':
        return new ReplyError(rest)
      case ':':
        return Number(rest)
      case '$':
        return this.#bulk(Number(rest))
      case '*':
        return this.#array(Number(rest))
      default:
        throw new Error(`"${line.slice(0, 40)}" is not RESP2`)
    }
  }

  #bulk(length: number): RespValue | undefined {
    if (length < 0) return null
    const end = this.#at + length
    if (this.#buffer.length < end + CRLF.length) return undefined
    const text = this.#buffer.toString('utf8', this.#at, end)
    this.#at = end + CRLF.length
    return text
  }

  #array(length: number): RespValue | undefined {
    if (length < 0) return null
    const values: RespValue[] = []
    for (let index = 0; index < length; index += 1) {
      const value = this.#value()
      if (value === undefined) return undefined
      values.push(value)
    }
    return values
  }
}
