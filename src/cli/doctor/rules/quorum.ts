import { majorityOf } from '../majority.js'
import { readSentinels, saying, sentinelCount, watching } from '../chosen.js'
import type { Rule } from '../rule.js'

export const quorumImpossible: Rule = {
  code: 'quorum-impossible',
  severity: 'error',
  meaning: 'A sentinel sees fewer usable sentinels than a failover needs, so it would not carry one out.',
  remedy:
    'bring the missing sentinels back, or, if the quorum is too high: SENTINEL SET {name} quorum {majority}, at every sentinel',
  find: (examination) => {
    const count = sentinelCount(examination)
    return readSentinels(examination).flatMap(({ key, facts: { quorumCheck } }) =>
      quorumCheck === undefined || quorumCheck.ok
        ? []
        : [
            {
              at: key,
              evidence: `SENTINEL CKQUORUM ${examination.name} answers "${quorumCheck.text}"`,
              fill: { majority: count === undefined ? '<majority>' : majorityOf(count) }
            }
          ]
    )
  }
}

export const quorumNotMajority: Rule = {
  code: 'quorum-not-majority',
  severity: 'warning',
  meaning:
    'The quorum is not the majority of the sentinels: a lower one lets few of them doubt the primary and start elections, a higher one stops failovers when fewer are lost than a majority could bear.',
  remedy: 'SENTINEL SET {name} quorum {majority}, at every sentinel',
  find: (examination) => {
    const count = sentinelCount(examination)
    if (count === undefined) return []
    const majority = majorityOf(count)
    return saying(examination, 'settings').flatMap(({ key, said: { quorum } }) =>
      quorum === majority
        ? []
        : [
            {
              at: key,
              evidence: `SENTINEL MASTER ${examination.name} says quorum ${quorum}; of ${count} sentinels ${majority} are the majority`,
              fill: { majority }
            }
          ]
    )
  }
}

export const sentinelsFew: Rule = {
  code: 'sentinels-few',
  severity: 'warning',
  meaning:
    'There are fewer than three sentinels: when one is lost, the rest is no majority, and nothing is failed over.',
  remedy: 'run three, each on a machine of its own, with: sentinel monitor {name} {host} {port} 2',
  find: (examination) => {
    const count = sentinelCount(examination)
    const primary = watching(examination)[0]?.group.primary
    if (count === undefined || count >= 3 || primary === undefined) return []
    return [{ evidence: `SENTINEL SENTINELS ${examination.name}: ${count} in all`, fill: { ...primary } }]
  }
}

export const sentinelsEven: Rule = {
  code: 'sentinels-even',
  severity: 'warning',
  meaning:
    'The number of sentinels is even: one more than needed to bear as many losses, and a split in halves has no majority.',
  remedy:
    'run one more or one less; after taking one away: SENTINEL RESET {name}, at one sentinel after the other, 30 s apart',
  find: (examination) => {
    const count = sentinelCount(examination)
    if (count === undefined || count < 4 || count % 2 === 1) return []
    return [
      { evidence: `SENTINEL SENTINELS ${examination.name}: ${count} in all, of which ${majorityOf(count)} must agree` }
    ]
  }
}
