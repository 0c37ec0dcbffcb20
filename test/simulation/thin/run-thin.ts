import type { Outcome, ScheduleOptions } from '../schedule.js'
import { Random } from '../random.js'
import { Schedule } from '../schedule.js'
import { substitute } from '../real/globals.js'
import { ThinClient } from './thin-client.js'

let current: { readonly schedule: Schedule; readonly chance: Random } | undefined
let substituted = false

/** Runs one schedule with the thin client, all in one go. */
export function runThin(seed: number, options: ScheduleOptions): Outcome {
  if (!substituted) {
    substituted = true
    substitute(() => {
      if (current === undefined) throw new Error('no world is simulated now')
      const { schedule, chance } = current
      return {
        clock: schedule.clock,
        random: chance,
        wake: () => undefined,
        connect: () => {
          throw new Error('the thin client opens no sockets')
        }
      }
    })
  }
  const schedule = new Schedule(seed, options)
  current = { schedule, chance: new Random(seed + 0xd1ce) }
  const { random } = schedule
  const client = new ThinClient(schedule.world, schedule.knowledge, schedule.policy, {
    holdWrites: random.weighted({ odown: 4, failover: 1, never: 1 }),
    holdLimitMs: random.pick([500, 2_000]),
    pollMs: random.pick([300, 1_000]),
    hurriedPollMs: 150,
    sentinelTimeoutMs: random.pick([150, 400]),
    connectTimeoutMs: random.pick([150, 400]),
    suspectAfterMs: 100
  })
  schedule.begin(client)
  while (!schedule.over) {
    const next = schedule.clock.next()
    if (next === undefined) throw new Error(`seed ${seed}: nothing is left to happen`)
    schedule.events += 1
    next.run()
  }
  return schedule.outcome()
}
