import { spawn } from 'node:child_process'
import type { ClusterNetwork } from '../network/cluster-network.js'
import { NICE, NICE_ARGUMENTS } from './priority.js'
import { onlyChildOf, untilOwnNamespace } from './process-tree.js'

/** What all containers of a pod share, as Kubernetes' pause container holds it: the network namespace and the host's name. */
export interface Sandbox {
  readonly address: string
  /** The arguments of nsenter that lead into it and into the cluster's process namespace. */
  readonly enter: readonly string[]
  /** Whether containers see each other's processes, and none of them is number 1. */
  readonly sharesProcesses: boolean
  /** Takes it out of the network first: those who were connected hear nothing. */
  cutLink(): Promise<void>
  end(): Promise<void>
}

export interface SandboxOptions {
  readonly address: string
  readonly link: string
  readonly hostname: string
  readonly sharesProcesses: boolean
}

/** It waits all the time, and so takes the exit codes of what others left behind, as pause does. */
const PAUSE = 'hostname "$0"; trap "" TERM INT HUP; while :; do sleep 3600; done'

export async function startSandbox(
  cluster: { readonly pid: number; readonly network: ClusterNetwork },
  { address, link, hostname, sharesProcesses }: SandboxOptions
): Promise<Sandbox> {
  const pidNamespace = `--pid=/proc/${cluster.pid}/ns/pid`
  const namespaces = ['--net', '--uts', ...(sharesProcesses ? ['--pid', '--fork', '--kill-child'] : [])]
  const pause = ['unshare', ...namespaces, '--', 'sh', '-c', PAUSE, hostname]
  const child = spawn(NICE, [...NICE_ARGUMENTS, 'nsenter', pidNamespace, '--', ...pause], {
    stdio: 'ignore',
    detached: true
  })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
    child.once('error', () => {
      resolve()
    })
  })
  const first = await onlyChildOf(child.pid ?? 0)
  const pid = sharesProcesses ? await onlyChildOf(first) : first
  await untilOwnNamespace(pid, 'net')
  await cluster.network.attach(pid, address, link)
  return {
    address,
    sharesProcesses,
    enter: [
      sharesProcesses ? `--pid=/proc/${pid}/ns/pid` : pidNamespace,
      `--net=/proc/${pid}/ns/net`,
      `--uts=/proc/${pid}/ns/uts`
    ],
    cutLink: () => cluster.network.detach(link),
    end: async () => {
      await cluster.network.detach(link)
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGKILL')
      await exited
    }
  }
}
