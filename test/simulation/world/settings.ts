import type { Random } from '../random.js'
import type { Weather } from './network.js'

/**
 * How one world is made. Durations in milliseconds; Sentinel's own periods are shortened by about eight, so that much happens
 * in little virtual time, and keep their order: tick < INFO in a failover < HELLO < down-after < INFO < failover-timeout.
 */
export interface WorldSettings {
  readonly nodes: number
  readonly sentinels: number
  readonly quorum: number
  readonly downAfterMs: number
  readonly failoverTimeoutMs: number
  readonly electionMs: number
  readonly tickMs: number
  readonly pingMs: number
  readonly infoMs: number
  readonly hurriedInfoMs: number
  readonly helloMs: number
  readonly askMs: number
  readonly desyncMs: number
  readonly tiltTriggerMs: number
  readonly tiltMs: number
  /** `min-replicas-to-write` of the nodes. */
  readonly minReplicas: number
  readonly weather: Weather
}

const CALM: Weather = { baseMs: 0.2, jitterMs: 0.6, loss: 0, duplicates: 0, spikes: 0.01, spikeMs: 10 }
const ROUGH: Weather = { baseMs: 1, jitterMs: 8, loss: 0.01, duplicates: 0.02, spikes: 0.05, spikeMs: 60 }
const FOUL: Weather = { baseMs: 3, jitterMs: 20, loss: 0.05, duplicates: 0.1, spikes: 0.1, spikeMs: 150 }

export const WEATHERS = { calm: CALM, rough: ROUGH, foul: FOUL }

export function drawSettings(random: Random): WorldSettings {
  const sentinels = random.chance(0.1) ? 5 : 3
  const downAfterMs = random.pick([120, 180, 250])
  const failoverTimeoutMs = random.pick([500, 800, 1_500])
  return {
    nodes: random.chance(0.15) ? 2 : 3,
    sentinels,
    quorum: random.chance(0.8) ? Math.floor(sentinels / 2) + 1 : 2,
    downAfterMs,
    failoverTimeoutMs,
    electionMs: Math.min(failoverTimeoutMs, 600),
    tickMs: random.between(15, 30),
    pingMs: downAfterMs / 3,
    infoMs: random.between(300, 500),
    hurriedInfoMs: random.between(50, 150),
    helloMs: random.between(120, 250),
    askMs: random.between(60, 120),
    desyncMs: 50,
    tiltTriggerMs: 500,
    tiltMs: random.between(400, 1_000),
    minReplicas: random.chance(0.15) ? 1 : 0,
    weather: WEATHERS[random.weighted({ calm: 6, rough: 3, foul: 1 })]
  }
}
