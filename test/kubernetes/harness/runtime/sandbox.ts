import { spawn } from 'node:child_process'
import type { ClusterNetwork } from '../network/cluster-network.js'
import { onlyChildOf } from './process-tree.js'

/** What all containers of a pod share, as Kubernetes' pause container holds it: the network namespace and the host's name. */
export interface Sandbox {
  readonly address: string
  /** The arguments of nsenter that lead into it and into the cluster's process namespace. */
  readonly enter: readonly string[]
  /** Takes it out of the network first: those who were connected hear nothing. */
  cutLink(): Promise<void>
  end(): Promise<void>
}

export async function startSandbox(
  cluster: { readonly pid: number; readonly network: ClusterNetwork },
  { address, link, hostname }: { readonly address: string; readonly link: string; readonly hostname: string }
): Promise<Sandbox> {
  const pidNamespace = `--pid=/proc/${cluster.pid}/ns/pid`
  const pause = ['unshare', '--net', '--uts', '--', 'sh', '-c', 'hostname "$0"; exec sleep infinity', hostname]
  const child = spawn('nsenter', [pidNamespace, '--', ...pause], { stdio: 'ignore', detached: true })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
    child.once('error', () => {
      resolve()
    })
  })
  const pid = await onlyChildOf(child.pid ?? 0)
  await cluster.network.attach(pid, address, link)
  return {
    address,
    enter: [pidNamespace, `--net=/proc/${pid}/ns/net`, `--uts=/proc/${pid}/ns/uts`],
    cutLink: () => cluster.network.detach(link),
    end: async () => {
      await cluster.network.detach(link)
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGKILL')
      await exited
    }
  }
}
