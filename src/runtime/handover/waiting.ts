import { formatAddress } from '../../protocol/address.js'
import type { Promotable } from '../../protocol/parse-promotable.js'
import { parsePromotables } from '../../protocol/parse-promotable.js'
import { pause } from '../backoff.js'
import type { AskedNode } from './asked-node.js'
import type { FailoverHost } from './failover-host.js'
import { soundSentinels } from './failover-host.js'
import { anyMoment, atTheMoment, candidatesOf } from './moment.js'
import type { View } from './moment.js'

const LOOK_EVERY_MS = 30
/** Replicas keep up that have by now what the primary had so long ago. */
const MOST_LAG_MS = 250

/** Waits, with writes going on, until the replicas keep up and the moment is good. */
export class Waiting {
  readonly #host: FailoverHost
  readonly #primary: AskedNode
  readonly #node: (replica: Promotable) => AskedNode
  #past: { readonly at: number; readonly offset: number }[] = []
  /** Why it has not come to it. */
  obstacle = 'no sentinel can be asked'

  constructor(host: FailoverHost, primary: AskedNode, node: (replica: Promotable) => AskedNode) {
    this.#host = host
    this.#primary = primary
    this.#node = node
  }

  /** The sentinel to ask; after the patience any will do. Undefined when the signal aborts first: then `obstacle` says why. */
  async forMoment(patienceMs: number, signal: AbortSignal): Promise<View | undefined> {
    const patientUntil = performance.now() + patienceMs
    const aborted = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(undefined)
      })
    })
    while (!signal.aborted) {
      const looked = this.#look(performance.now() >= patientUntil).catch((error: unknown) => {
        this.obstacle = error instanceof Error ? error.message : String(error)
        return undefined
      })
      const found = await Promise.race([looked, aborted])
      if (found !== undefined) return found
      await pause(LOOK_EVERY_MS, signal)
    }
    const { reason } = signal as { readonly reason: unknown }
    if (!(reason instanceof Error && reason.name === 'TimeoutError'))
      this.obstacle = `it was called off (${String(reason)})`
    return undefined
  }

  async #look(impatient: boolean): Promise<View | undefined> {
    const views = await this.#views()
    const fit = anyMoment(views)
    if (fit === undefined) {
      this.obstacle = nobodyFit(views)
      return undefined
    }
    const replicas = new Map(views.flatMap(candidatesOf).map((one) => [formatAddress(one.address), one]))
    const behind = await this.#behind([...replicas.values()])
    if (behind !== undefined) {
      this.obstacle = behind
      return undefined
    }
    this.obstacle = 'the moment did not come'
    return impatient ? fit : atTheMoment(views)
  }

  async #views(): Promise<View[]> {
    const keys = soundSentinels(this.#host.topology())
    const views = await Promise.all(
      keys.map(async (sentinel): Promise<View[]> => {
        try {
          const reply = await this.#host.askSentinel(sentinel, 'REPLICAS', this.#host.group)
          return [{ sentinel, replicas: parsePromotables(reply) }]
        } catch {
          return []
        }
      })
    )
    return views.flat()
  }

  /** Who does not keep up, in words; undefined when all do. */
  async #behind(replicas: readonly Promotable[]): Promise<string | undefined> {
    const now = performance.now()
    const { offset, history } = await this.#primary.position()
    this.#past.push({ at: now, offset })
    const due = this.#past.filter(({ at }) => at <= now - MOST_LAG_MS).at(-1)
    if (due === undefined) return 'it has only begun'
    this.#past = this.#past.filter((one) => one.at >= due.at)
    const lags = await Promise.all(
      replicas.map(async (replica): Promise<string[]> => {
        const name = formatAddress(replica.address)
        try {
          const position = await this.#node(replica).position()
          if (position.history !== history) return [`${name} does not follow this primary`]
          const lack = due.offset - position.offset
          return lack > 0 ? [`${name} lags by ${lack} bytes and more than ${MOST_LAG_MS} ms`] : []
        } catch (error) {
          return [`${name}: ${error instanceof Error ? error.message : String(error)}`]
        }
      })
    )
    const all = lags.flat()
    return all.length === 0 ? undefined : all.join(', ')
  }
}

function nobodyFit(views: readonly View[]): string {
  const [first] = views
  if (first === undefined) return 'no sentinel can be asked'
  const reasons = first.replicas.map(({ address, unfit }) => `${formatAddress(address)} ${unfit ?? ''}`)
  return reasons.length === 0
    ? 'there is no replica to promote'
    : `no replica is fit to be promoted (${reasons.join(', ')}, says the sentinel ${first.sentinel})`
}
