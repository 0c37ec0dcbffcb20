import { expect, it } from 'vitest'
import { remaining, schedule } from '../../../bench/failover/schedule.js'

const ALL = {
  runs: 4,
  faults: ['kill', 'manual'],
  clients: ['ours', 'ioredis', 'node-redis'],
  patienceMs: 1000
} as const

it('takes every client through every fault once a round, one round after the other', () => {
  const jobs = schedule(ALL)
  expect(jobs).toHaveLength(24)
  for (const round of [0, 1, 2, 3]) {
    const names = jobs.slice(round * 6, round * 6 + 6).map((job) => `${job.round} ${job.fault} ${job.client}`)
    const expected = ALL.faults.flatMap((fault) => ALL.clients.map((client) => `${round} ${fault} ${client}`))
    expect(names.sort()).toEqual(expected.sort())
  }
})

it('lets another client begin each time', () => {
  const firsts = schedule(ALL).filter((job, index) => job.fault === 'kill' && index % 3 === 0)
  expect(firsts.map((job) => job.client)).toEqual(['ours', 'ioredis', 'node-redis', 'ours'])
})

it('leaves out what has been measured', () => {
  const jobs = schedule(ALL)
  expect(remaining(jobs, [])).toEqual(jobs)
  expect(remaining(jobs, jobs.slice(0, 20))).toEqual(jobs.slice(20))
})
