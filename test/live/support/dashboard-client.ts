import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Message } from '../../../src/cli/dashboard/messages.js'
import { eventually } from './server-view.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface How {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One request, with any headers: fetch() does not let Host and Origin be chosen. */
export async function ask(url: string, how: How = {}): Promise<Answer> {
  const response = await send(url, how)
  let body = ''
  for await (const part of response.setEncoding('utf8')) body += String(part)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

/** What a page of the dashboard at this URL hears. */
export class Listening {
  readonly #response: IncomingMessage
  readonly messages: Message[] = []

  static async to(url: string): Promise<Listening> {
    return new Listening(await send(`${url}events`, {}))
  }

  private constructor(response: IncomingMessage) {
    this.#response = response
    let unread: string[] = []
    response.setEncoding('utf8').on('data', (text: string) => {
      unread.push(text)
      // A message may be megabytes, in many parts; its end may be in two of them.
      if (!unread.slice(-2).join('').includes('\n\n')) return
      const parts = unread.join('').split('\n\n')
      unread = [parts.pop() ?? '']
      for (const part of parts) {
        if (part.startsWith('data: ')) this.messages.push(JSON.parse(part.slice('data: '.length)) as Message)
      }
    })
    response.on('error', () => undefined)
  }

  get headers(): IncomingMessage['headers'] {
    return this.#response.headers
  }

  /** The first message of this kind for which `holds`; waits for it. */
  async heard<Kind extends Message['kind']>(
    kind: Kind,
    holds: (message: Extract<Message, { kind: Kind }>) => boolean = () => true
  ): Promise<Extract<Message, { kind: Kind }>> {
    const found = (): Extract<Message, { kind: Kind }> | undefined =>
      this.messages.find(
        (message): message is Extract<Message, { kind: Kind }> =>
          message.kind === kind && holds(message as Extract<Message, { kind: Kind }>)
      )
    await eventually(() => {
      if (found() !== undefined) return
      const last = JSON.stringify(this.messages.findLast((message) => message.kind === 'state'))
      throw new Error(`no ${kind} as awaited among ${this.messages.length} messages; the last state: ${last}`)
    }, 30_000)
    return found() as Extract<Message, { kind: Kind }>
  }

  [Symbol.dispose](): void {
    this.#response.destroy()
  }
}

async function send(url: string, { method = 'GET', headers = {} }: How): Promise<IncomingMessage> {
  const sent = request(url, { method, headers, agent: false })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}
