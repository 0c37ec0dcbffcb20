import { Command, InvalidArgumentError } from 'commander'
import { availableParallelism } from 'node:os'
import type { ClientKind } from '../test/simulation/runner/job.js'
import type { Mutation } from '../test/simulation/runner/mutations.js'
import { MUTATIONS, mutationCalled } from '../test/simulation/runner/mutations.js'
import { describeFailure, replay, simulate } from '../test/simulation/runner/run.js'

interface Options {
  readonly seeds: number
  readonly from: number
  readonly seed?: number
  readonly client?: ClientKind
  readonly mutate?: Mutation
  readonly threads: number
}

const {
  seeds,
  from,
  seed,
  client: wanted,
  mutate,
  threads
} = new Command('simulate')
  .description('Runs this client in simulated worlds of sentinels, nodes and networks, each made from a seed.')
  .option('--seeds <n>', 'how many schedules', whole, 1_000)
  .option('--from <n>', 'the first seed', whole, 1)
  .option('--seed <n>', 'one schedule again, with the whole story', whole)
  .option('--client <kind>', 'thin: the decisions only, fast. real: all of SentinelRedis', kind)
  .option('--mutate <name>', `with a bug put in: ${MUTATIONS.map(({ name }) => name).join(', ')}`, mutation)
  .option('--threads <n>', 'worker threads', whole, availableParallelism())
  .parse()
  .opts<Options>()

const client: ClientKind = wanted ?? mutate?.client ?? 'thin'

if (seed !== undefined) {
  const outcome = await replay(client, seed, mutate)
  console.log(outcome.lastLines.join('\n'))
  for (const { at, rule, what } of outcome.violations) console.log(`broken at ${at.toFixed(2)} ms: ${rule}: ${what}`)
  console.log(`trace ${outcome.hash}; ${outcome.violations.length} violations`)
  process.exitCode = outcome.violations.length > 0 ? 1 : 0
} else {
  const startedAt = performance.now()
  const tally = await simulate({ client, seeds, from, threads, mutation: mutate, stopAtFirst: mutate !== undefined })
  const seconds = (performance.now() - startedAt) / 1000
  for (const failure of tally.failures) console.log(`${describeFailure(failure, client, mutate)}\n`)
  const { schedules, failovers, writes, acked, unknown, lost, virtualMs, events, restless, failures, trace } = tally
  console.log(
    `${schedules} schedules (${client}) in ${seconds.toFixed(1)} s: ${(schedules / seconds).toFixed(0)} a second, ${(virtualMs / 1000 / 60).toFixed(0)} virtual minutes, ${events} events`
  )
  console.log(
    `${failovers} epochs, ${writes} writes: ${acked} acknowledged, ${unknown} failed, ${lost} acknowledged ones lost by the servers`
  )
  console.log(
    `${restless.length} schedules in which the servers found no rest; ${failures.length} failures; traces ${trace.toString(16)}`
  )
  process.exitCode = failures.length > 0 ? 1 : 0
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is needed')
  return Number(text)
}

function kind(text: string): ClientKind {
  if (text !== 'real' && text !== 'thin') throw new InvalidArgumentError('real or thin')
  return text
}

function mutation(name: string): Mutation {
  try {
    return mutationCalled(name)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}
