import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

export interface HttpServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * `GET /healthz`: 200 while `trouble()` has nothing to tell, else 503 with its reason. `GET /metrics`: Prometheus text.
 */
export async function startHttp(
  where: { readonly host: string; readonly port: number },
  trouble: () => string | undefined,
  registry: Registry
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/healthz') {
      const reason = trouble()
      response.writeHead(reason === undefined ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' })
      response.end(`${reason ?? 'ok'}\n`)
    } else if (path === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500).end(`${String(error)}\n`)
      )
    } else {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('there is /healthz and /metrics\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where.port, where.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
