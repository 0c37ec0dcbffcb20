import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRendered } from '../manifests/support/objects.js'
import { program } from './support/programs.js'
import { groupsOf } from './support/rules.js'

const groups = groupsOf(readRendered('production'))

/** What promtool is to find at a time, with the rules as they are. */
interface Case {
  readonly of: string
  readonly alert: string
  readonly when: string
  /** By the series' name and labels, in promtool's notation, one value each 15 s. */
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  /** The labels of those that fire, but for the severity. */
  readonly fires: readonly Readonly<Record<string, string>>[]
}

const volume = (kind: string, claim: string): string =>
  `kubelet_volume_stats_${kind}_bytes{namespace="redis",persistentvolumeclaim="${claim}"}`
const nearlyFull = (claim: string): Readonly<Record<string, string>> => ({
  [volume('available', claim)]: '9x60',
  [volume('capacity', claim)]: '100x60'
})
const up = (job: string): string => `up{job="${job}",namespace="redis",pod="a"}`
const started = (job: string, pod: string): string =>
  `redis_start_time_seconds{job="${job}",namespace="redis",pod="${pod}"}`
const role = (pod: string, of: string): string => `redis_instance_info{namespace="redis",pod="${pod}",role="${of}"}`
const linked = (pod: string): string =>
  `redis_master_link_up{master_host="redis-0",master_port="6379",namespace="redis",pod="${pod}"}`
/** What the exporter of a primary says, whose replicas are in these states. */
const primaryWith = (pod: string, states: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  [role(pod, 'master')]: '1x60',
  [`redis_connected_slaves{namespace="redis",pod="${pod}"}`]: `${Object.keys(states).length}x60`,
  ...Object.fromEntries(
    Object.entries(states).map(([replica, state]) => [
      `redis_connected_slave_lag_seconds{namespace="redis",pod="${pod}",slave_ip="${replica}",slave_port="6379",slave_state="${state}"}`,
      '0x60'
    ])
  )
})
const unknown = 'ioredis_sentinel_unknown_outcomes_total{namespace="redis",pod="a",client="b",group="mymaster"}'

const CASES: readonly Case[] = [
  {
    ...{ of: 'volumes of redis and sentinels', alert: 'VolumeFillsUp', when: 'after five minutes' },
    series: { ...nearlyFull('data-redis-1'), ...nearlyFull('data-sentinel-0'), ...nearlyFull('data-other-0') },
    at: '6m',
    fires: ['data-redis-1', 'data-sentinel-0'].map((persistentvolumeclaim) => ({
      namespace: 'redis',
      persistentvolumeclaim
    }))
  },
  {
    of: 'a volume',
    alert: 'VolumeFillsUp',
    when: 'not sooner',
    series: nearlyFull('data-redis-1'),
    at: '4m',
    fires: []
  },
  {
    ...{ of: 'a sentinel', alert: 'SentinelCertificateOld', when: 'when it has run for 25 days, and for no redis pod' },
    series: {
      [started('sentinel-metrics', 'sentinel-0')]: '-2170000x300',
      [started('redis-metrics', 'redis-0')]: '-2170000x300'
    },
    at: '62m',
    fires: [{ namespace: 'redis', job: 'sentinel-metrics', pod: 'sentinel-0' }]
  },
  {
    of: 'a sentinel',
    alert: 'SentinelCertificateOld',
    when: 'not after 24 days',
    series: { [started('sentinel-metrics', 'sentinel-0')]: '-2073600x300' },
    at: '62m',
    fires: []
  },
  {
    ...{ of: 'the sentinels', alert: 'RedisNotWatched', when: 'when Prometheus asks only the redis pods' },
    series: { [up('redis-metrics')]: '1x60' },
    at: '6m',
    fires: [{ job: 'sentinel-metrics' }]
  },
  {
    ...{ of: 'nobody', alert: 'RedisNotWatched', when: 'when it asks all, though none answers' },
    series: { [up('redis-metrics')]: '0x60', [up('sentinel-metrics')]: '0x60' },
    at: '6m',
    fires: []
  },
  {
    ...{ of: 'a failed write', alert: 'RedisAofFailing', when: 'though the rewrites work' },
    series: {
      'redis_aof_last_write_status{namespace="redis",pod="redis-0"}': '0x60',
      'redis_aof_last_bgrewrite_status{namespace="redis",pod="redis-0"}': '1x60'
    },
    at: '2m',
    fires: [{ namespace: 'redis', pod: 'redis-0' }]
  },
  {
    ...{
      of: 'an old primary that is back',
      alert: 'RedisSeveralPrimaries',
      when: 'not for the 15 s after a partition'
    },
    series: { [role('redis-0', 'master')]: '1x60', [role('redis-1', 'master')]: '_ _ 1 1 _x57' },
    at: '1m',
    fires: []
  },
  {
    ...{ of: 'all redis pods', alert: 'RedisNoPrimary', when: 'gone, with only the sentinels left to say something' },
    series: { [role('redis-0', 'master')]: '1 1 stale', [role('sentinel-0', '')]: '1x60' },
    at: '2m',
    fires: [{ namespace: 'redis' }]
  },
  {
    ...{ of: 'a call', alert: 'ClientUnknownOutcomes', when: 'at once' },
    series: { [unknown]: '0 0 3x60' },
    at: '1m',
    fires: [{ namespace: 'redis', pod: 'a', client: 'b', group: 'mymaster' }]
  },
  {
    ...{ of: 'the exporter of the primary', alert: 'RedisNoPrimary', when: 'not while a replica is linked to it' },
    series: {
      [role('redis-0', 'master')]: '1 1 stale',
      [role('redis-1', 'slave')]: '1x60',
      [role('redis-2', 'slave')]: '1x60',
      [linked('redis-1')]: '1x60',
      [linked('redis-2')]: '0x60'
    },
    at: '2m',
    fires: []
  },
  {
    ...{ of: 'the primary', alert: 'RedisNoPrimary', when: 'when no replica is linked to it' },
    series: {
      [role('redis-0', 'master')]: '1 1 stale',
      [role('redis-1', 'slave')]: '1x60',
      [linked('redis-1')]: '1 1 0x60'
    },
    at: '2m',
    fires: [{ namespace: 'redis' }]
  },
  {
    ...{ of: 'the only replica', alert: 'RedisNoReplica', when: 'while a copy is sent to it' },
    series: primaryWith('redis-0', { 'redis-1': 'send_bulk' }),
    at: '2m',
    fires: [{ namespace: 'redis' }]
  },
  {
    ...{ of: 'replicas', alert: 'RedisNoReplica', when: 'when nobody is there' },
    series: primaryWith('redis-0', {}),
    at: '2m',
    fires: [{ namespace: 'redis' }]
  },
  {
    ...{ of: 'replicas', alert: 'RedisNoReplica', when: 'not when one is in sync' },
    series: primaryWith('redis-0', { 'redis-1': 'online', 'redis-2': 'wait_bgsave' }),
    at: '2m',
    fires: []
  },
  {
    ...{ of: 'the second replica', alert: 'RedisReplicaMissing', when: 'while a copy is sent to it' },
    series: primaryWith('redis-0', { 'redis-1': 'online', 'redis-2': 'wait_bgsave' }),
    at: '6m',
    fires: [{ namespace: 'redis' }]
  },
  {
    ...{ of: 'the second replica', alert: 'RedisReplicaMissing', when: 'not when both are in sync' },
    series: {
      ...primaryWith('redis-0', { 'redis-1': 'online', 'redis-2': 'online' }),
      [role('redis-1', 'slave')]: '1x60',
      'redis_connected_slaves{namespace="redis",pod="redis-1"}': '0x60'
    },
    at: '6m',
    fires: []
  },
  {
    of: 'a call',
    alert: 'ClientUnknownOutcomes',
    when: 'no more after ten minutes',
    series: { [unknown]: '0 0 3x60' },
    at: '12m',
    fires: []
  }
]

let folder: string

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-rules-')))
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups }))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('promtool finds nothing wrong with the rules', () => {
  expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'rules.yaml'))).toMatch(
    /SUCCESS: \d+ rules/
  )
})

it.each(CASES)('$alert: $of, $when', ({ alert, series, at, fires }) => {
  expect(promtool('test', 'rules', testFile(alert, series, at, fires))).toMatch(/SUCCESS/)
})

it('promtool says so when what is expected is wrong', () => {
  expect(promtool('test', 'rules', testFile('VolumeFillsUp', nearlyFull('data-redis-1'), '6m', []))).toMatch(/FAILED/)
})

function testFile(alert: string, series: Case['series'], at: string, fires: Case['fires']): string {
  const rule = groups.flatMap(({ rules }) => rules).find((each) => each.alert === alert)
  if (rule === undefined) throw new Error(`there is no alert ${alert}`)
  const expected = fires.map((labels) => ({ exp_labels: { ...labels, ...rule.labels } }))
  // Its annotations are not compared: promtool wants them as they come out, filled in.
  const bare = groups.map((group) => ({ ...group, rules: group.rules.map(({ annotations: _, ...each }) => each) }))
  writeFileSync(join(folder, 'bare.yaml'), JSON.stringify({ groups: bare }))
  const tests = [
    {
      interval: '15s',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: expected }]
    }
  ]
  const file = join(folder, 'test.yaml')
  writeFileSync(file, JSON.stringify({ rule_files: ['bare.yaml'], evaluation_interval: '15s', tests }))
  return file
}

function promtool(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program('promtool'), args, { encoding: 'utf8' })
  return `${stdout}${stderr}`
}
