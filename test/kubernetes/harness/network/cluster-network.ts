import { mustRun, runCommand } from '../run-command.js'

/** Where the cluster's DNS answers. */
export const DNS_ADDRESS = '10.96.0.10'
/** What the kubelets' own probes come from. */
const NODE_ADDRESS = '10.96.0.1'
const GATEWAY = '169.254.1.1'
const POD_CIDR = '10.244.0.0/16'

/** The part of the pods' addresses that a node has. */
export const nodeCidr = (node: number): string => `10.244.${node}.0/24`
export const podAddress = (node: number, index: number): string => `10.244.${node}.${index}`

/** A Service with an address of its own, and where its connections go. */
export interface VirtualAddress {
  readonly address: string
  readonly port: number
  readonly targets: readonly { readonly address: string; readonly port: number }[]
}

/**
 * The network of one cluster, inside the namespace of its process: each pod hangs on a veth and is routed to, so that all
 * traffic between pods passes one FORWARD chain. All is gone with the namespace.
 */
export class ClusterNetwork {
  readonly #pid: number
  #work: Promise<unknown> = Promise.resolve()

  constructor(clusterPid: number) {
    this.#pid = clusterPid
  }

  async begin(): Promise<void> {
    await this.#script(`
      echo 1 > /proc/sys/net/ipv4/ip_forward
      ip link set lo up
      ip addr add ${DNS_ADDRESS}/32 dev lo
      ip addr add ${NODE_ADDRESS}/32 dev lo
      ip addr add ${GATEWAY}/32 dev lo
      ip link add gone type bridge
      ip link set gone up
      ip addr add 10.244.255.254/32 dev gone
      # Nobody answers for the address of a deleted pod: three questions of 2.5 s, then "no route to host", as was seen (6 to 9 s).
      echo 2500 > /proc/sys/net/ipv4/neigh/gone/retrans_time_ms
      ip route add ${POD_CIDR} dev gone
      iptables -w 10 -N NODES
      iptables -w 10 -A FORWARD -j NODES
      iptables -w 10 -A INPUT -j NODES
      iptables -w 10 -N EGRESS
      iptables -w 10 -A FORWARD -j EGRESS
      iptables -w 10 -A INPUT -j EGRESS
      iptables -w 10 -N INGRESS
      iptables -w 10 -A FORWARD -j INGRESS
      iptables -w 10 -t nat -N SERVICES
      iptables -w 10 -t nat -A PREROUTING -j SERVICES`)
  }

  /** Gives the namespace of the process `podPid` the address. `link` is the name of the cluster's end. */
  attach(podPid: number, address: string, link: string): Promise<void> {
    return this.#next(async () => {
      await this.#script(`
        ip link add ${link} type veth peer name eth0 netns ${podPid}
        ip link set ${link} up
        ip route add ${address}/32 dev ${link} src ${NODE_ADDRESS}`)
      await mustRun(
        'nsenter',
        [`--net=/proc/${podPid}/ns/net`, 'ip', '-batch', '-'],
        `link set lo up
        addr add ${address}/32 dev eth0
        link set eth0 up
        route add ${GATEWAY} dev eth0 scope link
        route add default via ${GATEWAY} dev eth0\n`
      )
    })
  }

  /** From now on nothing reaches it and nothing comes from it: not even the end of its connections. */
  detach(link: string): Promise<void> {
    return this.#next(async () => {
      await runCommand('nsenter', [`--net=/proc/${this.#pid}/ns/net`, 'ip', 'link', 'del', link])
    })
  }

  /** Makes exactly these nodes the ones whose pods reach each other only, and no DNS. Node 0 is the first. */
  cutOff(nodes: readonly number[]): Promise<void> {
    return this.#next(() =>
      this.#restore(
        'filter',
        ['NODES'],
        [
          ...nodes.map((node) => `-A NODES -s ${nodeCidr(node)} -d ${nodeCidr(node)} -j RETURN`),
          // The node's own kubelet probes its pods still: those packets do not pass FORWARD and are not for DNS.
          ...nodes.flatMap((node) => [
            `-A NODES -s ${nodeCidr(node)} -d ${DNS_ADDRESS} -j DROP`,
            `-A NODES -s ${nodeCidr(node)} -d ${POD_CIDR} -j DROP`,
            `-A NODES -d ${nodeCidr(node)} -s ${POD_CIDR} -j DROP`
          ])
        ]
      )
    )
  }

  /** What kube-proxy does in its iptables mode: the target of each new connection is drawn by lot. */
  setVirtualAddresses(services: readonly VirtualAddress[]): Promise<void> {
    const rules = services.flatMap(({ address, port, targets }) => {
      const match = `-A SERVICES -d ${address}/32 -p tcp --dport ${port}`
      return targets.map((target, index) => {
        const left = targets.length - index
        const lot = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(6)}`
        return `${match}${lot} -j DNAT --to-destination ${target.address}:${target.port}`
      })
    })
    return this.#next(() => this.#restore('nat', ['SERVICES'], rules))
  }

  /** Rules for the chains EGRESS, what pods may send, and INGRESS, what may be sent to them. */
  setPolicies(rules: readonly string[]): Promise<void> {
    return this.#next(() => this.#restore('filter', ['EGRESS', 'INGRESS'], rules))
  }

  async #restore(table: string, chains: readonly string[], rules: readonly string[]): Promise<void> {
    const input = [`*${table}`, ...chains.map((chain) => `:${chain} - [0:0]`), ...rules, 'COMMIT', ''].join('\n')
    await mustRun('nsenter', [`--net=/proc/${this.#pid}/ns/net`, 'iptables-restore', '-w', '10', '--noflush'], input)
  }

  async #script(text: string): Promise<void> {
    await mustRun('nsenter', [`--net=/proc/${this.#pid}/ns/net`, 'sh', '-e'], text)
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }
}
