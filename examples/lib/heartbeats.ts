export interface Heartbeat {
  readonly sequence: number
  /** Milliseconds since 1970 by the writer's clock. */
  readonly writtenAt: number
}

/** `<sequence>:<written at>`, as writer.ts writes it; undefined for anything else. */
export function parseHeartbeat(value: string | null): Heartbeat | undefined {
  const match = /^(\d+):(\d+)$/.exec(value ?? '')
  return match === null ? undefined : { sequence: Number(match[1]), writtenAt: Number(match[2]) }
}

/** Remembers the newest heartbeat that any read returned. */
export class Heartbeats {
  #newest: Heartbeat | undefined

  get newest(): Heartbeat | undefined {
    return this.#newest
  }

  /**
   * `before` is the newest that was known when the read was issued. Only an answer older than that went backwards:
   * reads that are under way together may be answered in any order. Returns by how many milliseconds, or undefined.
   */
  see(beat: Heartbeat, before: Heartbeat | undefined): number | undefined {
    if (this.#newest === undefined || beat.sequence > this.#newest.sequence) this.#newest = beat
    return before !== undefined && beat.sequence < before.sequence
      ? Math.max(0, before.writtenAt - beat.writtenAt)
      : undefined
  }
}
