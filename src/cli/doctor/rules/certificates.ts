import { readNodes, readSentinels } from '../chosen.js'
import type { Rule } from '../rule.js'

const DAY_MS = 24 * 3_600_000
/** Time to notice it, to have one signed, and to roll it out. */
const SOON_DAYS = 14

export const certificateEnds: Rule = {
  code: 'certificate-ends',
  severity: 'warning',
  meaning:
    "A server's certificate is valid for less than two weeks: from its end on, nobody who verifies it gets a connection, and all servers that were given theirs at the same time are lost together.",
  remedy:
    'put a new one where tls-cert-file and tls-key-file of {at} point, and have it loaded: CONFIG SET tls-cert-file <path> at a node, a restart of a sentinel',
  find: (examination) =>
    [...readNodes(examination), ...readSentinels(examination)].flatMap(({ key, facts: { certificateLeftMs } }) =>
      certificateLeftMs === undefined || certificateLeftMs >= SOON_DAYS * DAY_MS
        ? []
        : [
            {
              at: key,
              evidence: `the certificate that it shows is valid for ${(certificateLeftMs / DAY_MS).toFixed(1)} days yet`,
              fill: { at: key }
            }
          ]
    )
}
