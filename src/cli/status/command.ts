import { Command } from 'commander'
import { coloursFor } from '../colours.js'
import { addTargetFlags, readTarget, TARGET_HELP, type TargetFlags } from '../target.js'
import { assess, type Health } from './assess.js'
import { collectStatus } from './collect.js'
import { renderStatus, statusJson } from './render.js'

const EXIT_CODES: Readonly<Record<Health, number>> = { healthy: 0, degraded: 1, unreachable: 3 }

const HELP = `
${TARGET_HELP}

Exit codes:
  0  healthy: one primary, all replicas linked, all sentinels agree and could carry out a failover
  1  degraded; the last line says why
  2  wrong usage
  3  no sentinel can be asked

Examples:
  ioredis-sentinel status --sentinels 10.0.0.1:26379,10.0.0.2:26379 --name mymaster
  ioredis-sentinel status --url redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster --json
  REDIS_SENTINELS=s-0:26379,s-1:26379 REDIS_NAME=mymaster ioredis-sentinel status --password-file /run/secrets/redis`

interface Flags extends TargetFlags {
  readonly json?: boolean
}

/** `status`: `finish` is given the exit code. */
export function statusCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('status').description(
    'Shows the primary, the replicas and the sentinels of a group, and says whether all is well.'
  )
  return addTargetFlags(command)
    .option('--json', 'machine-readable, on stdout')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags) => {
      const facts = await collectStatus(readTarget(flags, command))
      const assessment = assess(facts)
      const text = flags.json
        ? JSON.stringify(statusJson(facts, assessment), undefined, 2)
        : renderStatus(facts, assessment, coloursFor(process.stdout))
      process.stdout.write(`${text}\n`)
      finish(EXIT_CODES[assessment.health])
    })
}
