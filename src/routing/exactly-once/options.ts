/** How a call is made exactly once. */
export interface ExactlyOnceOptions {
  /**
   * Names the call, so that it is made once even if another process, or this one after a restart, makes it again: 1 to 256
   * characters. The same token with another command or other arguments is refused with ConfigurationError. Default: a new
   * one for each call.
   */
  readonly token?: string | undefined
  /**
   * How long the primary remembers the call and its reply, in milliseconds: 1000 to 2 592 000 000 (30 days). It is never
   * less than the call's deadline and a minute, up to these 30 days, which it is where the deadline is `Infinity`. Default: the
   * deadline and 10 minutes.
   */
  readonly ttlMs?: number | undefined
  /** What the token's key begins with, behind ioredis's `keyPrefix`: the user needs the right to it. Default: `exactly-once:`. */
  readonly tokenPrefix?: string | undefined
}

export type ExactlyOnceSetting = boolean | ExactlyOnceOptions

/** Servers' clocks may differ by as much, or be set, and a copy of the call may still wait in a frozen server's socket. */
const DEFAULT_MARGIN_MS = 600_000
const LEAST_MARGIN_MS = 60_000

/** A call without a deadline may be sent again after any time, and its token is to go at some time nevertheless. */
export const LONGEST_TTL_MS = 2_592_000_000

export const TOKEN_PREFIX = 'exactly-once:'

/**
 * How long the token of a call is kept, in whole milliseconds, counted by the server from each time that it executes or meets
 * the call: longer than the call may be sent again.
 */
export function keepForMs(setting: ExactlyOnceSetting, deadlineMs: number): number {
  const wanted = typeof setting === 'object' ? setting.ttlMs : undefined
  const ms = wanted === undefined ? deadlineMs + DEFAULT_MARGIN_MS : Math.max(wanted, deadlineMs + LEAST_MARGIN_MS)
  return Math.min(Math.ceil(ms), LONGEST_TTL_MS)
}
