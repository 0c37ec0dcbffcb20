/** How long a replica that was healed is waited for to be read from, in milliseconds. */
export const READS_BACK_LIMIT_MS = 10_000
