/** What a node says of itself when it is greeted: redis `networking.c` helloCommand(). */
export type NodeRole = 'primary' | 'replica' | 'sentinel'

export interface Credentials {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** As whoever holds them changes them, for the connections to come. */
export type ChangeableCredentials = { -readonly [Name in keyof Credentials]: Credentials[Name] }

/**
 * HELLO with AUTH, then PING, in one write. HELLO tells the role and needs no right that an ordinary user lacks (ROLE and
 * INFO are @dangerous); PING is refused while the node loads its data (LOADING).
 */
export function encodeGreeting(protocol: 2 | 3, credentials: Credentials): Buffer {
  const hello = ['HELLO', String(protocol)]
  if (credentials.password !== undefined) hello.push(...authWords(credentials))
  return Buffer.concat([encodeCommand(hello), encodeCommand(['PING'])])
}

/** AUTH as a command, and as a part of HELLO. */
export function authWords({ username, password }: Credentials): readonly string[] {
  return ['AUTH', username ?? 'default', password ?? '']
}

/** HELLO without arguments: asks for the role again on a connection that is already greeted. */
export const ROLE_QUESTION: Buffer = encodeCommand(['HELLO'])

export function encodeCommand(words: readonly string[]): Buffer {
  return Buffer.from(`*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`)
}

export type WireValue = string | number | boolean | null | WireError | readonly WireValue[]

/** An error reply, as a value. */
export class WireError {
  constructor(readonly message: string) {}
}

/**
 * Reads whole RESP2 or RESP3 values from what a node sent so far. Only for greetings: short replies, before the socket is
 * handed to ioredis. Maps and sets come as flat lists.
 */
export class GreetingReader {
  #pending = ''

  /** The values completed by this chunk. Throws when it is not RESP: then the far end is no Redis. */
  push(chunk: Buffer): WireValue[] {
    this.#pending += chunk.toString('latin1')
    const values: WireValue[] = []
    for (;;) {
      const step = readValue(this.#pending, 0)
      if (step === undefined) return values
      this.#pending = this.#pending.slice(step.end)
      values.push(step.value)
    }
  }
}

interface Step {
  readonly value: WireValue
  readonly end: number
}

function readValue(text: string, start: number): Step | undefined {
  const type = text.charAt(start)
  const lineEnd = text.indexOf('\r\n', start)
  if (lineEnd === -1) {
    if (!TYPES.includes(type)) throw alien(type)
    if (text.length - start > 65_536) throw new Error('no line ending in 64 KiB: this is not RESP')
    return undefined
  }
  const line = text.slice(start + 1, lineEnd)
  const next = lineEnd + 2
  switch (type) {
    case '+':
    case ',':
    case '(':
      return { value: line, end: next }
    case '-':
      return { value: new WireError(line), end: next }
    case ':':
      return { value: Number(line), end: next }
    case '#':
      return { value: line === 't', end: next }
    case '_':
      return { value: null, end: next }
    case '$':
    case '=':
    case '!': {
      const length = lengthIn(line)
      if (length < 0) return { value: null, end: next }
      const end = next + length + 2
      if (text.length < end) return undefined
      // What a verbatim string is, in three letters and a colon, is told before it: `txt:`.
      const body = text.slice(type === '=' ? next + VERBATIM_PREFIX : next, next + length)
      return { value: type === '!' ? new WireError(body) : body, end }
    }
    case '*':
    case '~':
    case '>':
    case '%':
    case '|':
      return readList(text, next, lengthIn(line) * (type === '%' || type === '|' ? 2 : 1))
    default:
      throw alien(type)
  }
}

const VERBATIM_PREFIX = 4

/** What a value may begin with. */
const TYPES = '+-:,(#_$=!*~>%|'

function alien(type: string): Error {
  return new Error(`the first byte is ${JSON.stringify(type)}: this is not RESP`)
}

function lengthIn(line: string): number {
  if (!/^(?:\d{1,9}|-1)$/.test(line))
    throw new Error(`${JSON.stringify(line.slice(0, 20))} is no length: this is not RESP`)
  return Number(line)
}

function readList(text: string, start: number, count: number): Step | undefined {
  if (count < 0) return { value: null, end: start }
  const items: WireValue[] = []
  let at = start
  while (items.length < count) {
    const step = readValue(text, at)
    if (step === undefined) return undefined
    items.push(step.value)
    at = step.end
  }
  return { value: items, end: at }
}

const ROLES: ReadonlyMap<string, NodeRole> = new Map([
  ['master', 'primary'],
  ['replica', 'replica'],
  ['slave', 'replica'],
  ['sentinel', 'sentinel']
])

/** The role in HELLO's reply, or undefined when the reply carries none. */
export function roleIn(reply: WireValue | undefined): NodeRole | undefined {
  if (fieldOf(reply, 'mode') === 'sentinel') return 'sentinel'
  const role = fieldOf(reply, 'role')
  return typeof role === 'string' ? ROLES.get(role) : undefined
}

/** The connection's id in HELLO's reply. */
export function clientIdIn(reply: WireValue | undefined): number | undefined {
  const id = fieldOf(reply, 'id')
  return typeof id === 'number' ? id : undefined
}

/** The zone that the node was told it is in (`availability-zone`), in HELLO's reply since Valkey 8.1; undefined when it is not told. */
export function zoneIn(reply: WireValue | undefined): string | undefined {
  const zone = fieldOf(reply, 'availability_zone')
  return typeof zone === 'string' && zone !== '' ? zone : undefined
}

function fieldOf(reply: WireValue | undefined, name: string): WireValue | undefined {
  if (!Array.isArray(reply)) return undefined
  for (let i = 0; i + 1 < reply.length; i += 2) if (reply[i] === name) return reply[i + 1] as WireValue
  return undefined
}
