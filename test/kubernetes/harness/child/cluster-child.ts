// The first process of a cluster's namespaces: with it ends every process of the cluster. Answers the cluster's DNS, and does
// what has to come from inside its network. It ends when the process that started it does.
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { DnsServer } from '../dns/dns-server.js'
import type { DnsTimes } from '../dns/records.js'
import { askRedis } from './ask-redis.js'
import type { Errands, Reply, Request } from './protocol.js'

const [address = '', times = '{}'] = process.argv.slice(2)
const dns = new DnsServer(JSON.parse(times) as DnsTimes)

const errands: Errands = {
  setRecords: (records) => {
    dns.setRecords(records)
  },
  setDnsMode: (mode) => {
    dns.setMode(mode)
  },
  setDnsTimes: (times) => {
    dns.setTimes(times)
  },
  dnsQueries: () => dns.queries,
  ask: askRedis,
  certificateOf: (host, port) =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ host, port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      })
      socket.once('error', reject)
    }),
  connect: (host, port, timeoutMs) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, timeout: timeoutMs })
      const end = (error?: Error): void => {
        socket.destroy()
        if (error === undefined) resolve()
        else reject(error)
      }
      socket.once('connect', () => {
        end()
      })
      socket.once('timeout', () => {
        end(new Error(`no connection to ${host}:${port} within ${timeoutMs} ms`))
      })
      socket.once('error', end)
    }),
  httpGet: async (url, timeoutMs) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
    await response.arrayBuffer()
    return response.status
  }
}

const say = (reply: Reply): void => {
  process.send?.(reply)
}

process.on('disconnect', () => {
  process.exit(0)
})
// The signals of a terminal are for the one that started this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.on('message', ({ id, errand, args }: Request) => {
  const act = errands[errand] as (...args: readonly unknown[]) => unknown
  Promise.resolve()
    .then(() => act(...args))
    .then(
      (result) => {
        say({ id, result: result ?? null })
      },
      (error: unknown) => {
        say({ id, error: error instanceof Error ? error.message : String(error) })
      }
    )
})

await dns.listen(address)
say({ ready: true })
