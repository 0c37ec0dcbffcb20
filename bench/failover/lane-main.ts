/** A lane: measures one job after the other, each on a topology of its own, in a process that does nothing else. */
import { DisturbedError, type Job, runOnce } from './run-once.js'
import type { FromLane } from './lane.js'

const [, , program = ''] = process.argv

const send = (message: FromLane): void => {
  process.send?.(message)
}

process.on('message', (job: Job) => {
  runOnce(job, program).then(
    (measurement) => {
      send({ kind: 'measured', measurement })
    },
    (error: unknown) => {
      send({ kind: error instanceof DisturbedError ? 'disturbed' : 'failed', message: (error as Error).message })
    }
  )
})
// The guardian of the topology ends the servers when this process ends.
process.on('disconnect', () => process.exit(0))
