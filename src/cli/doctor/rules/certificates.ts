import { readNodes, readSentinels } from '../chosen.js'
import type { Rule } from '../rule.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Time to notice it, to have one signed, and to roll it out. */
const SOON_MS = 14 * DAY_MS
/** What is valid for days alone is renewed when this is left, by cert-manager for one: until then nothing is amiss. */
const LAST_PART = 1 / 3

export const certificateEnds: Rule = {
  code: 'certificate-ends',
  severity: 'warning',
  meaning:
    "A server's certificate is valid for less than two weeks, and in the last third of its time: from its end on, nobody who verifies it gets a connection, and all servers that were given theirs at the same time are lost together.",
  remedy:
    'put a new one where tls-cert-file and tls-key-file of {at} point, and have it loaded: CONFIG SET tls-cert-file <path> at a node, a restart of a sentinel',
  find: (examination) =>
    [...readNodes(examination), ...readSentinels(examination)].flatMap(({ key, facts: { certificate } }) =>
      certificate === undefined || certificate.leftMs >= Math.min(SOON_MS, certificate.lifetimeMs * LAST_PART)
        ? []
        : [
            {
              at: key,
              evidence: `the certificate that it shows is valid for ${span(certificate.leftMs)} yet, of ${span(certificate.lifetimeMs)}`,
              fill: { at: key }
            }
          ]
    )
}

function span(ms: number): string {
  return ms < 2 * DAY_MS ? `${(ms / HOUR_MS).toFixed(1)} h` : `${(ms / DAY_MS).toFixed(1)} days`
}
