import type { Container } from '../../manifests/support/objects.js'
import { type Child, startChild } from './child.js'
import { program } from './programs.js'

export interface ExporterOptions {
  /** The exporter's container in the manifest. */
  readonly container: Container
  /** host:port of the server beside it, for what the manifest calls localhost:6379 or localhost:26379. */
  readonly server: string
  /** Where it listens, at its own port: an address that nothing else listens at on that port, as a pod's. */
  readonly ip: string
  /** The keys of the Secret redis-auth. */
  readonly secret: Readonly<Record<string, string>>
  /** What lies at the paths of mounts. */
  readonly files: Readonly<Record<string, string>>
}

export interface Exporter extends Child {
  /** host:port */
  readonly address: string
}

export async function startExporter(options: ExporterOptions): Promise<Exporter> {
  const { container, ip } = options
  const port = container.ports?.find(({ name }) => name === 'metrics')?.containerPort
  const address = `${ip}:${port}`
  const env = { ...environmentOf(options), REDIS_EXPORTER_WEB_LISTEN_ADDRESS: address }
  const words = [...(container.command?.slice(1) ?? []), ...(container.args ?? [])]
  const child = await startChild(program('prometheus-redis-exporter'), words, env, `http://${address}/health`)
  return { ...child, address }
}

function environmentOf({ container, server, secret, files }: ExporterOptions): Record<string, string> {
  const valueOf = ({ value, valueFrom }: NonNullable<Container['env']>[number]): string => {
    if (value !== undefined) return (files[value] ?? value).replace(/localhost:\d+/, server)
    const { name, key } = (valueFrom as { secretKeyRef: { name: string; key: string } }).secretKeyRef
    const found = name === 'redis-auth' ? secret[key] : undefined
    if (found === undefined) throw new Error(`the Secret ${name} has no key ${key}`)
    return found
  }
  return Object.fromEntries((container.env ?? []).map((variable) => [variable.name, valueOf(variable)]))
}
