import type { Cluster } from '../harness/cluster.js'
import type { Pod } from '../harness/kubelet/pod.js'
import { askSentinel, commandNode, nameOf, podsOf } from '../harness/redis-view.js'

const LOOK_EVERY_MS = 50

/** For each redis pod that becomes Ready from now on: how many sentinels reach this very process by its name at that moment. */
export class SeenWhenReady {
  readonly #cluster: Cluster
  readonly #known: Set<string>
  readonly #timer: NodeJS.Timeout
  readonly #asked: Promise<{ readonly pod: string; readonly sentinels: number }>[] = []

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#known = new Set(podsOf(cluster, 'redis').map(({ setup }) => setup.uid))
    this.#timer = setInterval(() => {
      this.#look()
    }, LOOK_EVERY_MS)
  }

  /** Looks no more; resolves with what was seen, in the order of becoming Ready. */
  async stop(): Promise<readonly { readonly pod: string; readonly sentinels: number }[]> {
    clearInterval(this.#timer)
    this.#look()
    return Promise.all(this.#asked)
  }

  #look(): void {
    for (const pod of podsOf(this.#cluster, 'redis')) {
      if (!pod.ready || this.#known.has(pod.setup.uid)) continue
      this.#known.add(pod.setup.uid)
      this.#asked.push(this.#count(pod).then((sentinels) => ({ pod: nameOf(pod), sentinels })))
    }
  }

  async #count(pod: Pod): Promise<number> {
    const [info] = await commandNode(this.#cluster, pod, ['INFO', 'server'])
    const runId = /^run_id:(\w+)/m.exec(String(info))?.[1]
    const views = await Promise.all(podsOf(this.#cluster, 'sentinel').map((each) => askSentinel(this.#cluster, each)))
    const isSeen = (replica: (typeof views)[number]['replicas'][number]): boolean =>
      replica.name === nameOf(pod) && replica.flags === 'slave' && replica.linkUp && replica.runId === runId
    return views.filter(({ replicas }) => replicas.some(isSeen)).length
  }
}
