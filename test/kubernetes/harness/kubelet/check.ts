import type { ClusterProcess } from '../child/child-process.js'
import type { ContainerSpec, Handler } from '../manifests/objects.js'
import type { ExecResult } from '../runtime/container-process.js'
import type { ProbeResult } from './probe-loop.js'

export interface CheckTarget {
  readonly cluster: ClusterProcess
  readonly address: string
  readonly spec: ContainerSpec
  exec(command: readonly string[], timeoutMs: number): Promise<ExecResult>
}

/** One question of a probe, from where the kubelet asks it: a command in the container, a connection from the node. */
export async function check(target: CheckTarget, handler: Handler, timeoutMs: number): Promise<ProbeResult> {
  const { exec, tcpSocket, httpGet } = handler
  try {
    if (exec !== undefined) {
      const { code, output } = await target.exec(exec.command, timeoutMs)
      return { ok: code === 0, message: code === 137 ? `no end within ${timeoutMs} ms` : output.trim() }
    }
    if (tcpSocket !== undefined) {
      await target.cluster.call('connect', target.address, portOf(target.spec, tcpSocket.port), timeoutMs)
      return { ok: true, message: '' }
    }
    if (httpGet !== undefined) {
      const { path = '/', scheme = 'HTTP' } = httpGet
      const url = `${scheme.toLowerCase()}://${target.address}:${portOf(target.spec, httpGet.port)}${path}`
      const status = await target.cluster.call('httpGet', url, timeoutMs)
      return { ok: status >= 200 && status < 400, message: `${url} answered ${status}` }
    }
    throw new Error(`container ${target.spec.name} has a probe that is neither exec nor tcpSocket nor httpGet`)
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

export function portOf(spec: ContainerSpec, port: number | string): number {
  if (typeof port === 'number') return port
  const named = spec.ports?.find(({ name }) => name === port)
  if (named === undefined) throw new Error(`container ${spec.name} has no port called ${port}`)
  return named.containerPort
}
