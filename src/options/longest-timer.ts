/** The longest that a timer of Node waits, in milliseconds: one for longer is over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1
