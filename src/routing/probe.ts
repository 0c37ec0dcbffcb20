import { parseReplicationInfo } from '../protocol/parse-info.js'

/**
 * Whether a replica that was out may be read from again, by its answers to PING (refused while it loads, runs a script for too long, or
 * may not serve old data) and INFO replication. Its link is down when the primary is gone, and that is no fault of its own.
 */
export function answersWell(ping: string | Error, info: string | Error, primaryIsGone: boolean): boolean {
  if (ping instanceof Error && !isForbidden(ping)) return false
  if (info instanceof Error) return isForbidden(info)
  const told = parseReplicationInfo(info)
  return told === undefined || (told.role === 'replica' && (told.linkUp || primaryIsGone))
}

/** The user lacks the right: the node is asked nothing by it. */
export function isForbidden(error: Error): boolean {
  return /^(NOPERM|ERR)\b/.test(error.message)
}
