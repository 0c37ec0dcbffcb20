import { Agent, request } from 'node:http'

/**
 * Asks over a few connections, which are kept: what waits for one waits here. One connection for each question, thousands at once, would
 * be more than the queue of a listening socket takes, and those that do not fit are answered seconds later, in another order, or reset.
 */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 })
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** The body of the answer. Rejects with it when the status is not 200. */
  ask(method: string, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request(this.#url + path, { method, agent: this.#agent }, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => (body += text))
        response.once('error', reject)
        response.once('end', () => {
          if (response.statusCode === 200) resolve(body)
          else reject(new Error(`${response.statusCode} ${body}`))
        })
      })
      asked.once('error', reject)
      asked.end()
    })
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
