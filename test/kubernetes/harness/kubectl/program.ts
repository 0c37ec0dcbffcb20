import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { apply, applyFile, deleteFolder } from './apply.js'
import { type Call, ExitError } from './call.js'
import { deleteClaims, getClaims } from './claims.js'
import { createConfigMap, createJob, createNamespace, createSecret, patchSecret } from './create.js'
import { exec } from './exec.js'
import { logs } from './logs.js'
import { deletePods, namePods } from './pods.js'
import { restart, scale, status } from './rollout.js'
import { kindOf } from './targets.js'
import { wait } from './wait.js'

interface DeleteOptions {
  readonly kustomize?: string
  readonly gracePeriod?: number
  readonly force: boolean
  readonly ignoreNotFound: boolean
}

/**
 * Carries out the words of one `kubectl …`: those that the documents have, as kubectl does them and with what it says.
 *
 * @throws ExitError when there is nothing more to say, or Error with what was given and what there is.
 */
export async function runKubectl(call: Call, argv: readonly string[]): Promise<void> {
  const kubectl = new Command('kubectl')
    .description('The part of kubectl that the documents of this repository need, for a cluster of processes.')
    .option('-n, --namespace <name>', 'the namespace', (name) => theNamespace(call, name))
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({ writeOut: call.out, writeErr: call.err })
  const nothing = (what: string) => (): never => {
    throw new Error(`${what} is not done here`)
  }

  kubectl
    .command('apply')
    .description('-k FOLDER or -f FILE')
    .option('-k, --kustomize <folder>', 'a folder of k8s that is rendered')
    .option('-f, --filename <file>', 'YAML; - is the standard input')
    .option('--server-side', 'says so; it is all the same here', false)
    .option('--force-conflicts', 'with --server-side; nobody else changes anything here', false)
    .action(({ kustomize, filename, serverSide }: { kustomize?: string; filename?: string; serverSide: boolean }) => {
      if (kustomize !== undefined && filename === undefined) return apply(call, kustomize)
      if (filename !== undefined && kustomize === undefined) return applyFile(call, filename, serverSide)
      return nothing('apply without one of -k and -f')()
    })
  kubectl
    .command('delete [words...]')
    .description('-k FOLDER, pod NAME… or pvc NAME…')
    .option('-k, --kustomize <folder>', 'a folder of k8s that is rendered')
    .option('--grace-period <seconds>', '0, with --force', Number)
    .option('--force', 'do not wait for the end of its processes', false)
    .option('--ignore-not-found', 'of pvc: those that are not there need not be deleted', false)
    .action(async ([word = '', ...names]: string[], given: DeleteOptions) => {
      const { kustomize, gracePeriod, force, ignoreNotFound } = given
      if (kustomize !== undefined) return deleteFolder(call, kustomize)
      if ((gracePeriod === 0) !== force) return nothing('--grace-period=0 without --force, or any other')()
      const kind = word === '' ? word : kindOf(word)
      if (kind === 'Pod' && !ignoreNotFound) return deletePods(call, names, force)
      if (kind === 'PersistentVolumeClaim' && !force) return deleteClaims(call, names, ignoreNotFound)
      return nothing(`delete ${word}${force ? ' --force' : ''}${ignoreNotFound ? ' --ignore-not-found' : ''}`)()
    })
  kubectl
    .command('get <kind> [names...]')
    .description('pods -o name, or pvc [NAME…]')
    .option('-o, --output <form>', '"name"')
    .action((word: string, names: string[], { output }: { output?: string }) => {
      const kind = kindOf(word)
      if (kind === 'PersistentVolumeClaim' && output === undefined) getClaims(call, names)
      else if (kind === 'Pod' && names.length === 0 && output === 'name') namePods(call)
      else nothing(`get ${[word, ...names].join(' ')}${output === undefined ? '' : ` -o ${output}`}`)()
    })
  kubectl
    .command('wait <pods...>')
    .requiredOption('--for <condition>', '"delete" or "condition=Ready"')
    .option('--timeout <duration>', 'such as 180s; default: 30s', milliseconds)
    .action((pods: string[], options: { for: string; timeout?: number }) =>
      wait(call, pods, options.for, options.timeout)
    )
  kubectl
    .command('scale <workloads...>')
    .requiredOption('--replicas <count>', 'how many pods', wholeNumber)
    .action((workloads: string[], { replicas }: { replicas: number }) => {
      for (const workload of workloads) scale(call, workload, replicas)
    })
  kubectl
    .command('exec <pod> <command...>')
    .option('-i, --stdin', 'give it the standard input', false)
    .option('-c, --container <name>', 'default: the first one')
    .action((pod: string, command: string[], options: { stdin: boolean; container?: string }) =>
      exec(call, pod, command, options)
    )
  kubectl
    .command('logs <pod>')
    .option('-c, --container <name>', 'default: the first one')
    .option('-f, --follow', 'until it ends', false)
    .option('--tail <lines>', 'the last ones only', wholeNumber)
    .option('--since <duration>', 'such as 20s', milliseconds)
    .action(
      (pod: string, { since, ...options }: { container?: string; follow: boolean; tail?: number; since?: number }) =>
        logs(call, pod, { ...options, sinceMs: since })
    )
  kubectl
    .command('patch <kind> <name>')
    .requiredOption('--patch-file <file>', 'JSON; /dev/stdin is the standard input')
    .action((kind: string, name: string, { patchFile }: { patchFile: string }) =>
      kindOf(kind) === 'Secret' ? patchSecret(call, name, patchFile) : nothing(`patch ${kind}`)()
    )

  const rollout = kubectl.command('rollout')
  rollout
    .command('status <workloads...>')
    .option('--timeout <duration>', 'such as 15m; default: for ever', milliseconds)
    .action(async (workloads: string[], { timeout }: { timeout?: number }) => {
      for (const workload of workloads) await status(call, workload, timeout)
    })
  rollout.command('restart <workloads...>').action((workloads: string[]) => {
    for (const workload of workloads) restart(call, workload)
  })

  const create = kubectl.command('create')
  const fromFile = ['--from-file <source>', '[KEY=]FILE or FOLDER', collected, []] as const
  create.command('namespace <name>').action((name: string) => {
    createNamespace(call, name)
  })
  create
    .command('configmap <name>')
    .requiredOption(...fromFile)
    .option('--dry-run <strategy>', '"client", with -o yaml')
    .option('-o, --output <form>', '"yaml", with --dry-run=client')
    .action((name: string, options: { fromFile: string[]; dryRun?: string; output?: string }) => {
      const { fromFile: sources, dryRun, output } = options
      const onlyPrinted = dryRun === 'client' && output === 'yaml'
      if (!onlyPrinted && (dryRun !== undefined || output !== undefined)) nothing('another --dry-run, or another -o,')()
      createConfigMap(call, name, sources, onlyPrinted)
    })
  const secret = create.command('secret')
  secret
    .command('generic <name>')
    .requiredOption(...fromFile)
    .action((name: string, options: { fromFile: string[] }) => {
      createSecret(call, name, options.fromFile)
    })
  create
    .command('job <name>')
    .requiredOption('--from <cronjob>', 'cronjob/NAME')
    .action((name: string, { from }: { from: string }) => {
      createJob(call, name, from)
    })

  try {
    await kubectl.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) throw new ExitError(error.exitCode)
    throw error
  }
}

/** There is one at a time: the one that objects say, or that is yet to be made. */
function theNamespace({ cluster }: Call, name: string): string {
  if (cluster.namespace === name) return name
  throw new Error(`there is no namespace "${name}"; there is ${cluster.namespace}`)
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is meant.')
  return Number(text)
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+)(s|m)$/.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('a duration such as 20s or 5m is meant.')
  return Number(number) * (unit === 's' ? 1_000 : 60_000)
}

const collected = (one: string, before: readonly string[]): readonly string[] => [...before, one]
