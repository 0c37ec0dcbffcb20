import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { admit } from './guard.js'
import type { FaultDesk } from './fault-desk.js'
import type { Feed } from './feed.js'
import { lateness } from './late.js'
import { streamTo } from './stream.js'

export interface Assets {
  readonly html: string
  readonly script: string
  readonly style: string
}

export interface ServerOptions {
  readonly token: string
  /** 0 takes a free one. */
  readonly port: number
  readonly feed: Feed
  readonly desk: FaultDesk
  readonly assets: Assets
}

const LOOPBACK = '127.0.0.1'

/** Nothing is loaded from, sent to, or shown in the frame of, any other place; nothing is kept. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY'
} as const

/** The dashboard's HTTP side, on the loopback address only. */
export class DashboardServer {
  readonly #server: Server
  readonly #options: ServerOptions

  private constructor(server: Server, options: ServerOptions) {
    this.#server = server
    this.#options = options
  }

  /** @throws the system's error when the port is taken. */
  static async start(options: ServerOptions): Promise<DashboardServer> {
    const server = createServer()
    const dashboard = new DashboardServer(server, options)
    server.on('request', (request, response) => dashboard.#answer(request, response))
    server.listen(options.port, LOOPBACK)
    await once(server, 'listening')
    return dashboard
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.#port}/${this.#options.token}/`
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    const { token, feed, desk, assets } = this.#options
    // No request has a body that is of interest.
    request.resume()
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    const admission = admit({ method, path: url, host: headers.host, origin: headers.origin }, token)
    if (!admission.ok) {
      send(response, admission.status, 'text/plain', `${admission.why}\n`)
      return
    }
    const { route } = admission
    const fault = /^\/faults\/([a-z-]+)$/.exec(route)?.[1]
    const pressed = method !== 'POST' ? undefined : route === '/heal' ? 'heal' : fault
    const late = pressed === undefined ? undefined : lateness(pressed, headers['told-at'])
    if (method === 'GET' && route === '/') send(response, 200, 'text/html', assets.html)
    else if (method === 'GET' && route === '/page.js') send(response, 200, 'text/javascript', assets.script)
    else if (method === 'GET' && route === '/page.css') send(response, 200, 'text/css', assets.style)
    else if (method === 'GET' && route === '/events') streamTo(response, feed)
    else if (method === 'GET' && route === '/state') send(response, 200, 'application/json', JSON.stringify(feed.told))
    else if (late !== undefined) refuseLate(response, feed, late)
    else if (method === 'POST' && fault !== undefined) void sendOutcome(response, desk.inject(fault))
    else if (method === 'POST' && route === '/heal') void sendOutcome(response, desk.heal())
    else send(response, 404, 'text/plain', `there is nothing at ${route} for ${method}\n`)
  }
}

/** Its page waits no longer for an answer, and hears it among the events. */
function refuseLate(response: ServerResponse, feed: Feed, text: string): void {
  feed.happened({ at: Date.now(), event: 'trouble', text, isBad: true })
  send(response, 409, 'application/json', JSON.stringify({ ok: false, text }))
}

async function sendOutcome(response: ServerResponse, answer: ReturnType<FaultDesk['inject']>): Promise<void> {
  const { ok, status, text } = await answer
  send(response, status, 'application/json', JSON.stringify({ ok, text }))
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` })
  response.end(body)
}
