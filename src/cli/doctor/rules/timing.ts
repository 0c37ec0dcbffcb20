import { readNodes, readSentinels, saying } from '../chosen.js'
import type { Clock, Examination, GroupSettings } from '../examination.js'
import type { Rule } from '../rule.js'

const SHORTEST_DOWN_AFTER_MS = 1_000
const LONG_DOWN_AFTER_MS = 30_000
const SHORTEST_FAILOVER_TIMEOUT_MS = 10_000
const LONG_FAILOVER_TIMEOUT_MS = 180_000
/** Agreement, election, promotion and its confirmation, each a second or two at most: docs/architecture.md. */
const FAILOVER_ITSELF_MS = 5_000
const MOST_SKEW_MS = 1_000

/** The sentinels whose setting is so, one sign each. */
function settings(
  examination: Examination,
  wrong: (settings: GroupSettings) => string | undefined,
  fill: Readonly<Record<string, string | number>> = {}
) {
  return saying(examination, 'settings').flatMap(({ key, said }) => {
    const evidence = wrong(said)
    return evidence === undefined
      ? []
      : [{ at: key, evidence: `SENTINEL MASTER ${examination.name} says ${evidence}`, fill }]
  })
}

export const downAfterShort: Rule = {
  code: 'down-after-short',
  severity: 'warning',
  meaning:
    'down-after-milliseconds is below a second: a slow command, a fork or a pause of the machine is taken for the death of the primary.',
  remedy: 'SENTINEL SET {name} down-after-milliseconds <1000 or more>, at every sentinel',
  find: (examination) =>
    settings(examination, ({ downAfterMs }) =>
      downAfterMs < SHORTEST_DOWN_AFTER_MS ? `down-after-milliseconds ${downAfterMs}` : undefined
    )
}

export const downAfterLong: Rule = {
  code: 'down-after-long',
  severity: 'note',
  meaning:
    'down-after-milliseconds is half a minute or more: so long nothing is done about a dead primary, and writes wait or fail.',
  remedy:
    'SENTINEL SET {name} down-after-milliseconds 5000, at every sentinel, if the network and the machines are steady',
  find: (examination) =>
    settings(examination, ({ downAfterMs }) =>
      downAfterMs >= LONG_DOWN_AFTER_MS ? `down-after-milliseconds ${downAfterMs}` : undefined
    )
}

export const deadlineShort: Rule = {
  code: 'deadline-short',
  severity: 'warning',
  meaning:
    'The applications give up (--client-deadline) before a failover can be over, which is down-after-milliseconds and 5 s: each failover is an error to them.',
  remedy:
    'let them wait {least} ms or longer (deadlineMs of ioredis-sentinel), or SENTINEL SET {name} down-after-milliseconds <lower>, at every sentinel',
  find: (examination) => {
    const { clientDeadlineMs } = examination.expectations
    const longest = Math.max(...saying(examination, 'settings').map(({ said }) => said.downAfterMs))
    const least = longest + FAILOVER_ITSELF_MS
    if (clientDeadlineMs === undefined || !Number.isFinite(longest) || clientDeadlineMs >= least) return []
    return [
      {
        evidence: `--client-deadline is ${clientDeadlineMs} ms; SENTINEL MASTER ${examination.name} says down-after-milliseconds ${longest}`,
        fill: { least }
      }
    ]
  }
}

export const failoverTimeoutShort: Rule = {
  code: 'failover-timeout-short',
  severity: 'warning',
  meaning:
    'failover-timeout is below 10 s: the election or the promotion may not be over in that time, and the failover is given up and begun again.',
  remedy: 'SENTINEL SET {name} failover-timeout 60000, at every sentinel',
  find: (examination) =>
    settings(examination, ({ failoverTimeoutMs }) =>
      failoverTimeoutMs < SHORTEST_FAILOVER_TIMEOUT_MS ? `failover-timeout ${failoverTimeoutMs}` : undefined
    )
}

export const failoverTimeoutLong: Rule = {
  code: 'failover-timeout-long',
  severity: 'note',
  meaning: 'failover-timeout is three minutes or more: a failover that fails is tried again only after twice that.',
  remedy: 'SENTINEL SET {name} failover-timeout 60000, at every sentinel',
  find: (examination) =>
    settings(examination, ({ failoverTimeoutMs }) =>
      failoverTimeoutMs >= LONG_FAILOVER_TIMEOUT_MS ? `failover-timeout ${failoverTimeoutMs}` : undefined
    )
}

export const clockSkew: Rule = {
  code: 'clock-skew',
  severity: 'warning',
  meaning:
    "A server's clock differs from those of the others by more than a second: keys expire there at another time, certificates may be refused, and logs do not fit together.",
  remedy: 'synchronise the clock of the machine of {at}: chronyc tracking, or timedatectl timesync-status, there',
  find: (examination) => {
    const told = [...readSentinels(examination), ...readNodes(examination)].flatMap(({ key, facts: { clock } }) =>
      clock === undefined ? [] : [{ key, clock }]
    )
    const middle = median(told.map(({ clock }) => clock))
    return told.flatMap(({ key, clock }) => {
      const apartMs = Math.abs(clock.aheadMs - middle)
      if (apartMs - clock.giveOrTakeMs <= MOST_SKEW_MS) return []
      const where = clock.aheadMs > middle ? 'ahead of' : 'behind'
      return [
        {
          at: key,
          evidence: `INFO server: server_time_usec is ${(apartMs / 1000).toFixed(1)} s (give or take ${Math.ceil(clock.giveOrTakeMs)} ms) ${where} that of the ${told.length} servers' middle`,
          fill: { at: key }
        }
      ]
    })
  }
}

function median(clocks: readonly Clock[]): number {
  const sorted = clocks.map(({ aheadMs }) => aheadMs).toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
