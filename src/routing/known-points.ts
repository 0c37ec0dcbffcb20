import type { SessionPoint } from './session-token.js'

/** Where a node said that it stands. */
export interface Standing {
  readonly history: string
  readonly offset: number
  /** The history that it continues, and the last offset of that one which is part of its own. */
  readonly past: { readonly history: string; readonly upTo: number } | undefined
}

/**
 * How far in the history of what primaries wrote each replica is known to be. A failover begins a new history, which continues the old
 * one up to some offset and counts on from there; what comes after it in the old one is lost.
 */
export class KnownPoints {
  readonly #replicas = new Map<string, Standing>()
  #primary: Standing | undefined

  /** What a replica said last; what it said before counts no more. */
  replicaTold(replica: string, standing: Standing): void {
    this.#replicas.set(replica, standing)
  }

  primaryTold(standing: Standing): void {
    this.#primary = standing
  }

  /** A replica holds all that was written up to this point, or what of that is kept. */
  holds(replica: string, point: SessionPoint): boolean {
    const standing = this.#replicas.get(replica)
    if (standing === undefined) return false
    if (standing.history === point.history) return standing.offset >= point.offset
    if (contains(standing, point)) return true
    const primary = this.#primary
    // One that was sent everything anew by the new primary has no past of its own.
    return primary?.history === standing.history && contains(primary, point) && standing.offset >= point.offset
  }

  /** What the replica said cannot be compared with the point unless the primary tells where its own history comes from. */
  needsPrimary(replica: string, point: SessionPoint): boolean {
    const standing = this.#replicas.get(replica)
    if (standing === undefined || standing.history === point.history || contains(standing, point)) return false
    return this.#primary?.history !== standing.history
  }

  /** How many bytes before this point the primary is known to have lost; undefined when none is known to be. */
  lostBytes({ history, offset }: SessionPoint): number | undefined {
    const past = this.#primary?.past
    return past?.history === history && offset > past.upTo ? offset - past.upTo : undefined
  }

  /** A replica may have gone back, or is gone. */
  forget(replica: string): void {
    this.#replicas.delete(replica)
  }

  forgetAll(): void {
    this.#replicas.clear()
    this.#primary = undefined
  }

  /** Of others nothing needs to be known. */
  keepOnly(replicas: readonly string[]): void {
    for (const replica of this.#replicas.keys()) if (!replicas.includes(replica)) this.#replicas.delete(replica)
  }
}

/** The point lies in the part of the past that this history continues. */
function contains({ past }: Standing, { history, offset }: SessionPoint): boolean {
  return past?.history === history && offset <= past.upTo
}
