import { Command } from 'commander'
import { wholeMs } from '../arguments.js'
import { coloursFor } from '../colours.js'
import { assess } from '../status/assess.js'
import { addTargetFlags, readTarget, TARGET_HELP, type TargetFlags } from '../target.js'
import { diagnose } from './diagnose.js'
import { examine } from './examine.js'
import { findingsJson, renderFindings } from './render.js'
import type { Severity } from './rule.js'

const EXIT_CODES: Readonly<Record<Severity, number>> = { note: 0, warning: 1, error: 4 }
const NOTHING_FOUND = 0
const UNREACHABLE = 3

const HELP = `
Each finding has a code, a severity (error: it does not work, or will not survive the next failure; warning: it costs when
something else goes wrong; note: worth knowing), what was read and where, and a remedy. Nothing is changed at any server.

${TARGET_HELP}

Exit codes:
  0  nothing worse than notes
  1  warnings, no errors
  2  wrong usage
  3  no sentinel can be asked
  4  errors

Examples:
  ioredis-sentinel doctor --sentinels 10.0.0.1:26379,10.0.0.2:26379 --name mymaster
  ioredis-sentinel doctor --url redis+sentinel://10.0.0.1:26379/mymaster --client-deadline 3000 --client-user app
  ioredis-sentinel doctor --url redis+sentinel://10.0.0.1:26379/mymaster --json | jq '.findings[].code'`

interface Flags extends TargetFlags {
  readonly clientDeadline?: number
  readonly clientUser?: string
  readonly maxLag: number
  readonly json?: boolean
}

/** `doctor`: `finish` is given the exit code. */
export function doctorCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('doctor').description(
    'Examines a group, and says what is wrong or will be, why, and what to do about it.'
  )
  return addTargetFlags(command)
    .option('--client-deadline <ms>', 'how long the applications wait for an answer', wholeMs(1, 2 ** 31 - 1))
    .option('--client-user <user>', 'the ACL user of the applications, to check its rights')
    .option('--max-lag <ms>', 'how far replicas may be behind', wholeMs(1_000, 2 ** 31 - 1), 10_000)
    .option('--json', 'machine-readable, on stdout')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags) => {
      const { clientDeadline, clientUser, maxLag } = flags
      const examination = await examine(readTarget(flags, command), {
        ...(clientDeadline !== undefined && { clientDeadlineMs: clientDeadline }),
        ...(clientUser !== undefined && { clientUser }),
        maxLagMs: maxLag
      })
      const { health, problems } = assess({ topology: examination.topology, quorumChecks: {} })
      const say = (text: string): unknown => process.stdout.write(`${text}\n`)
      const colour = coloursFor(process.stdout)
      if (health === 'unreachable') {
        const json = { ...findingsJson(examination, []), worst: health, problems }
        say(flags.json ? JSON.stringify(json, undefined, 2) : colour.red(`${health}: ${problems.join('; ')}`))
        return finish(UNREACHABLE)
      }
      const findings = diagnose(examination)
      say(
        flags.json
          ? JSON.stringify(findingsJson(examination, findings), undefined, 2)
          : renderFindings(examination, findings, colour, process.stdout.columns)
      )
      const worst = findings[0]?.severity
      finish(worst === undefined ? NOTHING_FOUND : EXIT_CODES[worst])
    })
}
