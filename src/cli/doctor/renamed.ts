import type { NodeFacts } from './examination.js'
import { SENTINEL_NEEDS } from './needs.js'

/** Redis `src/acl.c` aclCommand(): the answer to ACL DRYRUN of a command that is not there. */
const NOT_FOUND = /\bCommand '([^']+)' not found/
/** Redis `src/server.c` processCommand(), in other quotation marks before 7.0. */
const UNKNOWN = /\bunknown command ['`]([^'`]+)['`]/

/** Every server has these. The documentation asks for the right to ROLE, too, and no sentinel sends that: redis `src/sentinel.c`. */
const SENT_BY_SENTINELS = new Set(
  SENTINEL_NEEDS.map(({ words: [command] }) => command).filter((command) => command !== 'role')
)

/** Tells commands that were renamed from questions that were refused. `refusals`: each question with the server's words. */
export function readRefusals(refusals: readonly string[]): Pick<NodeFacts, 'refused' | 'renamed'> {
  const missing = refusals.flatMap((said) => {
    const command = unknownIn(said, NOT_FOUND) ?? unknownIn(said, UNKNOWN)
    return command === undefined ? [] : [[command.toUpperCase(), said] as const]
  })
  return {
    // Such a question is answered by that.
    refused: refusals.filter((said) => unknownIn(said, NOT_FOUND) === undefined),
    renamed: [...new Map(missing)].map(([command, said]) => ({ command, said }))
  }
}

/** The command that is not there by these words, if sentinels send it. */
function unknownIn(said: string, words: RegExp): string | undefined {
  const command = words.exec(said)?.[1]?.toLowerCase() ?? ''
  return SENT_BY_SENTINELS.has(command) ? command : undefined
}
