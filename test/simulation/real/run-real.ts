import { Random } from '../random.js'
import type { Outcome, ScheduleOptions } from '../schedule.js'
import { Schedule } from '../schedule.js'
import type { SimNode } from '../world/node.js'
import { realImmediate, substitute } from './globals.js'
import { RealClient } from './real-client.js'
import { SimSocket } from './socket.js'

let current: { readonly schedule: Schedule; readonly chance: Random } | undefined
let awake = false
let substituted = false

/** The registry's; it is a constant there. */
export const REAL_CONFIRM_WITHIN_MS = 5_000

/** Runs one schedule with the real client. Of one thread, one at a time. */
export function runReal(seed: number, options: ScheduleOptions): Promise<Outcome> {
  if (!substituted) {
    substituted = true
    install()
  }
  const schedule = new Schedule(seed, { ...options, confirmWithinMs: REAL_CONFIRM_WITHIN_MS })
  current = { schedule, chance: new Random(seed + 0xd1ce) }
  const { random } = schedule
  const client = new RealClient(schedule.world, schedule.knowledge, {
    promotion: schedule.policy.promotion,
    readFrom: 'primary',
    holdWrites: random.weighted({ odown: 4, failover: 1, never: 1 }),
    holdLimitMs: random.pick([500, 2_000]),
    pollIntervalMs: random.pick([300, 1_000]),
    sentinelTimeoutMs: random.pick([150, 400]),
    connectTimeout: random.pick([150, 400])
  })
  return new Promise((resolve, reject) => {
    // Promises and ticks of the client run to their end before the next thing happens: each turn is one of the real event loop.
    const turn = (): void => {
      try {
        // A client that is closed waits for what is on the wire, for a while.
        while (!schedule.over || !client.ended) {
          const next = schedule.clock.next()
          if (next === undefined) throw new Error(`seed ${seed}: nothing is left to happen`)
          schedule.events += 1
          next.run()
          if (awake || schedule.over) {
            awake = false
            realImmediate(turn)
            return
          }
        }
        // What closing set off comes to its end too.
        realImmediate(() => {
          resolve(schedule.outcome())
        })
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    schedule.begin(client)
    realImmediate(turn)
  })
}

function wake(): void {
  awake = true
}

function install(): void {
  substitute(() => {
    if (current === undefined) throw new Error('no world is simulated now')
    const { schedule, chance } = current
    const { world, knowledge, clock } = schedule
    return {
      clock,
      random: chance,
      wake,
      connect: ({ host, port }) =>
        new SimSocket(
          (end) => world.dial({ host, port }, end),
          wake,
          (words, channel) => {
            const [name, , value] = words
            if ((name === 'RPUSH' || name === 'SET') && value !== undefined)
              knowledge.writes(Number(value.slice(1)), channel.server as SimNode)
          }
        )
    }
  })
}
