/**
 * The channels that say something about a group, written down once. Source: redis `src/sentinel.c`, the second argument of each
 * sentinelEvent() call; those that ordinary life shows were recorded from live sentinels too (test/spec/fixtures).
 * `-failover-abort-master-is-back` and `-slave-restart-as-master` are of versions before 3.0.
 */
export const SENTINEL_CHANNELS = [
  '+sdown',
  '-sdown',
  '+odown',
  '-odown',
  '+new-epoch',
  '+try-failover',
  '+vote-for-leader',
  '+elected-leader',
  '-failover-abort-not-elected',
  '-failover-abort-no-good-slave',
  '-failover-abort-slave-timeout',
  '-failover-abort-master-is-back',
  '+failover-state-select-slave',
  '+selected-slave',
  '+failover-state-send-slaveof-noone',
  '+failover-state-wait-promotion',
  '+promoted-slave',
  '+failover-state-reconf-slaves',
  '+slave-reconf-sent',
  '+slave-reconf-inprog',
  '+slave-reconf-done',
  '+failover-end-for-timeout',
  '+failover-end',
  '+config-update-from',
  '+switch-master',
  '+slave',
  '+sentinel',
  '+sentinel-address-switch',
  '+role-change',
  '-role-change',
  '+convert-to-slave',
  '+fix-slave-config',
  '+monitor',
  '-monitor',
  '+reset-master',
  '+set',
  '+reboot',
  '-slave-restart-as-master',
  '+tilt',
  '-tilt'
] as const

export type SentinelChannel = (typeof SENTINEL_CHANNELS)[number]

const KNOWN: ReadonlySet<string> = new Set(SENTINEL_CHANNELS)

export function isSentinelChannel(channel: string): channel is SentinelChannel {
  return KNOWN.has(channel)
}
