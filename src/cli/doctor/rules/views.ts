import { formatAddress } from '../../address.js'
import { readSentinels, saying, tallied, tally, watching } from '../chosen.js'
import type { GroupSettings } from '../examination.js'
import type { Rule } from '../rule.js'

export const groupUnknown: Rule = {
  code: 'group-unknown',
  severity: 'error',
  meaning: 'A sentinel does not know the group: it counts for no quorum, and clients that ask it get no address.',
  remedy: 'SENTINEL MONITOR {name} {host} {port} {quorum}, at {at}, and the SENTINEL SET lines that the others have',
  find: (examination) => {
    const known = watching(examination)[0]?.group
    // A name that none knows is a mistake of who asks: no-primary says which names they know.
    if (known === undefined) return []
    return readSentinels(examination).flatMap(({ key, facts: { group } }) =>
      group !== 'unknown'
        ? []
        : [
            {
              at: key,
              evidence: `SENTINEL GET-MASTER-ADDR-BY-NAME ${examination.name} answers nothing`,
              fill: {
                ...known.primary,
                quorum: known.settings?.quorum ?? '<quorum>',
                at: key
              }
            }
          ]
    )
  }
}

export const primaryDisagreement: Rule = {
  code: 'primary-disagreement',
  severity: 'error',
  meaning: 'Sentinels name different primaries: clients that ask different ones write to different nodes.',
  remedy:
    'if it lasts longer than a failover: restart the sentinel with the lower config-epoch, or have it begin anew: SENTINEL REMOVE {name}, then SENTINEL MONITOR with the address that the others name',
  find: (examination) => {
    const named = tally(
      watching(examination),
      ({ group }) => `${formatAddress(group.primary)} (config-epoch ${group.configEpoch ?? 'not told'})`
    )
    const primaries = tally(watching(examination), ({ group }) => formatAddress(group.primary))
    return primaries.size < 2
      ? []
      : [{ evidence: `SENTINEL GET-MASTER-ADDR-BY-NAME ${examination.name}: ${tallied(named)}` }]
  }
}

export const epochDisagreement: Rule = {
  code: 'epoch-disagreement',
  severity: 'warning',
  meaning: 'Sentinels hold different config epochs: one does not hear the others, and may act on what is over.',
  remedy:
    'see whether each sentinel reaches every node and may subscribe there (they tell one another through __sentinel__:hello at the nodes), then restart the one with the lower config-epoch',
  find: (examination) => {
    const epochs = tally(saying(examination, 'configEpoch'), ({ said }) => String(said))
    return epochs.size < 2
      ? []
      : [{ evidence: `config-epoch in SENTINEL MASTER ${examination.name}: ${tallied(epochs)}` }]
  }
}

export const viewsDiffer: Rule = {
  code: 'views-differ',
  severity: 'warning',
  meaning:
    'Sentinels know different numbers of sentinels or replicas: each counts majorities and candidates by what it knows.',
  remedy:
    'SENTINEL RESET {name}, at one sentinel after the other, 30 s apart; it forgets what is gone and hears anew of what is there',
  find: (examination) => {
    const views = watching(examination).flatMap(({ key, group: { others, replicas } }) =>
      others === undefined || replicas === undefined ? [] : [{ key, others, replicas }]
    )
    const known = tally(
      views,
      ({ others, replicas }) => `${others.length + 1} sentinels and ${replicas.length} replicas known`
    )
    return known.size < 2
      ? []
      : [{ evidence: `SENTINEL SENTINELS and REPLICAS ${examination.name}: ${tallied(known)}` }]
  }
}

const SETTINGS: readonly (readonly [directive: string, value: (settings: GroupSettings) => number])[] = [
  ['quorum', ({ quorum }) => quorum],
  ['down-after-milliseconds', ({ downAfterMs }) => downAfterMs],
  ['failover-timeout', ({ failoverTimeoutMs }) => failoverTimeoutMs],
  ['parallel-syncs', ({ parallelSyncs }) => parallelSyncs]
]

export const settingsDiffer: Rule = {
  code: 'settings-differ',
  severity: 'warning',
  meaning:
    'Sentinels have different settings for the group: which of them leads decides how a failover goes, and none may begin when they doubt at different times.',
  remedy: 'SENTINEL SET {name} {directive} {value}, at every sentinel; each keeps its own',
  find: (examination) =>
    SETTINGS.flatMap(([directive, value]) => {
      const said = tally(saying(examination, 'settings'), (one) => String(value(one.said)))
      const most = [...said].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? ''
      return said.size < 2
        ? []
        : [
            {
              evidence: `${directive} in SENTINEL MASTER ${examination.name}: ${tallied(said)}`,
              fill: { directive, value: most }
            }
          ]
    })
}

export const tilt: Rule = {
  code: 'tilt',
  severity: 'error',
  meaning:
    'A sentinel is in TILT: its clock jumped or it was stopped for more than 2 s, and it takes part in no failover until 30 s after the last time.',
  remedy:
    'wait 30 s; if it comes back, find what stops the process at {at}: no processor time, a look-up of a name that nobody answers, a frozen virtual machine, a clock that is set',
  find: (examination) =>
    readSentinels(examination).flatMap(({ key, facts }) =>
      facts.tilt === true ? [{ at: key, evidence: 'INFO sentinel says sentinel_tilt:1', fill: { at: key } }] : []
    )
}

export const primarySuspected: Rule = {
  code: 'primary-suspected',
  severity: 'error',
  meaning: 'A sentinel holds the primary to be down; when a quorum does, a failover begins.',
  remedy: 'see whether the node is alive, and whether that sentinel reaches it and may log in there',
  find: (examination) =>
    watching(examination).flatMap(({ key, group }) => {
      const flags = (group.flags ?? []).filter((flag) => flag === 's_down' || flag === 'o_down')
      return flags.length === 0
        ? []
        : [
            {
              at: key,
              evidence: `flags of ${formatAddress(group.primary)} in SENTINEL MASTER ${examination.name}: ${flags.join(', ')}`
            }
          ]
    })
}

export const failoverUnderWay: Rule = {
  code: 'failover-under-way',
  severity: 'warning',
  meaning: 'A failover is under way: much of what else is said here may be over in a moment.',
  remedy: 'wait until it has ended, then ask again; one that lasts longer than failover-timeout is given up by itself',
  find: (examination) =>
    saying(examination, 'flags').flatMap(({ key, said }) =>
      said.includes('failover_in_progress')
        ? [{ at: key, evidence: `flags in SENTINEL MASTER ${examination.name}: ${said.join(', ')}` }]
        : []
    )
}
