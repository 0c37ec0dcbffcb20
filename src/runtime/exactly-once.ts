import { Command } from 'ioredis'
import type { ChainableCommander } from 'ioredis'
import { randomBytes } from 'node:crypto'
import { ConfigurationError, UnknownOutcomeError } from '../errors.js'
import type { Arg } from '../routing/arg.js'
import type { AnsweredTokens } from '../routing/exactly-once/answered-tokens.js'
import { fitnessInBatch, fitnessOf } from '../routing/exactly-once/fitness.js'
import type { Fitness } from '../routing/exactly-once/fitness.js'
import { keepForMs, TOKEN_PREFIX } from '../routing/exactly-once/options.js'
import type { ReplyForms } from '../routing/exactly-once/reply.js'
import { ownError, plainErrorText, replyOf } from '../routing/exactly-once/reply.js'
import type { Request, Step } from '../routing/exactly-once/request.js'
import { batchRequestOf, requestOf, tooManyWords } from '../routing/exactly-once/request.js'
import { keysOf } from '../routing/keys.js'
import { mayWrite } from '../routing/may-write.js'
import type { CallOptions } from './call.js'
import { setOptions } from './call.js'
import { Carrier } from './exactly-once-carrier.js'
import type { Cargo } from './exactly-once-carrier.js'
import { digestOf, sha1, Wrappers } from './exactly-once-hashes.js'
import type { ScriptTexts } from './exactly-once-scripts.js'
import { keysIn, pipelineCommands, replyError } from './ioredis-internals.js'
import { transactionOf } from './transaction.js'

/** What making calls once needs of the client. */
export interface OnceHost {
  readonly group: string
  /** ioredis's own option. */
  readonly keyPrefix: string | Buffer | undefined
  readonly forms: ReplyForms
  /** The deadline of a call that sets none. */
  deadlineMs(): number
  /** The text of a script that defineCommand or the `scripts` option has made, by its SHA1. */
  readonly sourceOf: (sha: string) => string | undefined
  /** Of scripts that were sent with their text. */
  readonly scripts: ScriptTexts
  /** Reads by the user's declaration, in lower case. */
  readonly readOnlyCommands: ReadonlySet<string> | undefined
  /** Keys are watched for the next transaction. */
  watching(): boolean
  /** One for all views of the client. */
  readonly answered: AnsweredTokens
  /** As any other call. */
  send(command: Command): void
}

/** The commands of a transaction, as one that takes effect once. */
export interface OnceBatch {
  readonly carrier: Carrier
  /**
   * Asks with the same token what became of the carrier: its reply, or a list of nothing when it was not executed. Then it will not be:
   * the token is taken, and a copy that comes late finds it so.
   */
  probe(): Carrier
  /** The carrier's reply as those of the commands. */
  answers(replies: readonly unknown[]): unknown[]
  /** To be called before a command is given its own answer. */
  prepare(command: Command): void
  /** An error of the server in the words that the commands by themselves would have had. */
  told(error: Error): Error
}

/** Unique to this process; tokens count up behind it. */
const PROCESS = randomBytes(9).toString('base64url')
let calls = 0
const WRAPPERS = new Wrappers()

/** Sends the calls of one view inside of scripts by which each takes effect once, however often it is sent. */
export class ExactlyOnce {
  readonly #host: OnceHost
  readonly #options: CallOptions
  readonly #carried: CallOptions
  /** As in any pipeline that writes, its reads go to the primary too. */
  readonly #plainInPipeline: CallOptions

  constructor(host: OnceHost, options: CallOptions) {
    this.#host = host
    this.#options = options
    this.#carried = { ...options, idempotent: true }
    this.#plainInPipeline = { ...options, readFrom: 'primary' }
  }

  send(command: Command): unknown {
    return this.#send(command, this.#options)
  }

  #send(command: Command, plain: CallOptions): unknown {
    const fitness = this.#fitnessOf(command)
    if (fitness.kind === 'plain') {
      setOptions(command, plain)
      this.#host.send(command)
      return command.promise
    }
    const step = stepOf(command, fitness)
    const refusal = refusalOf(command, step, fitness)
    if (refusal !== undefined) command.reject(refusal)
    else
      this.#carry([step], [command], requestOf(step), command.name, {
        onReply: (reply) => {
          command.setReplyContext(this.#context)
          command.resolve(replyOf(step, reply, this.#host.forms))
        },
        onError: (error) => {
          command.reject(this.#told(error, command, step))
        }
      })
    return command.promise
  }

  /** What multi() gave, with its commands sent as one call. */
  multi<Result>(pipeline: Result): Result {
    if (pipeline instanceof Promise) return pipeline
    pipelineCommands(pipeline as ChainableCommander, (queue) => {
      this.sendAll(queue)
      return true
    })
    return pipeline
  }

  /** The commands of a pipeline: each is a call of its own, save those from MULTI to EXEC, which are one. */
  sendAll(commands: readonly Command[]): void {
    const units = unitsOf(commands)
    const carried = this.#token === undefined ? 0 : units.filter((unit) => !this.#isPlain(unit)).length
    if (carried > 1) {
      const error = new ConfigurationError(
        `with({ exactlyOnce: { token } }) is for one call, and the pipeline has ${carried} that write: use multi(), or a token for each`
      )
      for (const command of commands) command.reject(error)
      return
    }
    for (const unit of units) {
      if (unit.length > 1 || unit[0]?.name.toLowerCase() === 'multi') this.#sendTransaction(unit)
      else for (const command of unit) this.#send(command, this.#plainInPipeline)
    }
  }

  #sendTransaction(unit: readonly Command[]): void {
    const last = unit.at(-1)
    const fail = (error: Error): void => {
      for (const command of unit) command.reject(error)
    }
    if (last?.name.toLowerCase() !== 'exec') {
      fail(new ConfigurationError('a transaction is made once as a whole, and this one has no exec()'))
      return
    }
    const members = unit.slice(1, -1)
    const answer = (replies: unknown): void => {
      for (const command of unit.slice(0, -1)) {
        command.setReplyContext(this.#context)
        command.resolve(Buffer.from(command === unit[0] ? 'OK' : 'QUEUED'))
      }
      last.resolve(replies)
    }
    if (members.length === 0) {
      answer([])
      return
    }
    const steps = this.#host.watching()
      ? cannot('MULTI', 'keys are watched, and a script cannot tell whether they have changed: unwatch them')
      : this.#stepsOf(members)
    if (steps instanceof Error) {
      fail(steps)
      return
    }
    this.#carry(steps, members, batchRequestOf(steps), 'exec', {
      onReply: (replies) => {
        answer(Array.isArray(replies) ? replies.map((reply, at) => this.#memberReply(steps[at], reply)) : replies)
      },
      onError: (error) => {
        fail(this.#told(error, last, { name: 'exec', args: [] }))
      }
    })
  }

  /** These commands as one, to be executed between MULTI and EXEC. Or why that cannot be done. */
  batch(members: readonly Command[]): OnceBatch | Error {
    const steps = this.#stepsOf(members)
    if (steps instanceof Error) return steps
    const cargo = this.#cargo(steps, members, batchRequestOf(steps), 'exec')
    const exec = { name: 'exec', args: [] }
    return {
      carrier: new Carrier(cargo),
      probe: () => new Carrier({ ...cargo, keys: [], words: [], writes: [], ownToken: false }),
      answers: (replies) => replies.map((reply, at) => this.#memberReply(steps[at], reply)),
      prepare: (command) => {
        command.setReplyContext(this.#context)
      },
      told: (error) => this.#told(Object.assign(error, { command: exec }), new Command('exec', []), exec)
    }
  }

  #stepsOf(members: readonly Command[]): Step[] | Error {
    const steps: Step[] = []
    for (const command of members) {
      this.#host.scripts.note(command.name, command.args as Arg[])
      const fitness = fitnessInBatch(command.name, command.args as Arg[], this.#sourceOf)
      const step = stepOf(command, fitness)
      const refusal = refusalOf(command, step, fitness)
      if (refusal !== undefined) return refusal
      steps.push(step)
    }
    return steps
  }

  #memberReply(step: Step | undefined, reply: unknown): unknown {
    if (step === undefined) return reply
    if (reply instanceof Error) {
      reply.message = plainErrorText(step, reply.message)
      return reply
    }
    return replyOf(step, reply, this.#host.forms)
  }

  #carry(
    steps: readonly Step[],
    commands: readonly Command[],
    request: Request,
    name: string,
    { onReply, onError }: { onReply: (reply: unknown) => void; onError: (error: Error) => void }
  ): void {
    const carrier = new Carrier(this.#cargo(steps, commands, request, name))
    setOptions(carrier, this.#carried)
    carrier.promise.then((reply) => {
      // QUEUED is no reply yet: within MULTI it may have to be sent again.
      if (transactionOf(carrier) === undefined) carrier.forgetToken()
      onReply(reply)
    }, onError)
    this.#host.send(carrier)
  }

  #cargo(steps: readonly Step[], commands: readonly Command[], { kind, sources, words }: Request, name: string): Cargo {
    const setting = this.#options.exactlyOnce ?? true
    const ttlMs = keepForMs(setting, this.#options.deadlineMs ?? this.#host.deadlineMs())
    const digest = this.#token === undefined ? '' : digestOf(kind === 'batch' ? 'batch' : 'one', steps)
    return {
      wrapper: WRAPPERS.get(kind, sources),
      token: this.#tokenKey(),
      keys: commands.flatMap(keysIn),
      ttlMs,
      digest,
      words,
      name,
      writes: keysWrittenBy(commands),
      answered: this.#host.answered,
      ownToken: this.#token === undefined
    }
  }

  /** The wrapper's replies have the form of RESP2, whatever the connection speaks, or have been given the one of RESP3. */
  get #context(): { protocol: 2 | 3; replyMapping: 'legacy' | 'resp3' } {
    return this.#host.forms.native ? { protocol: 3, replyMapping: 'resp3' } : { protocol: 2, replyMapping: 'legacy' }
  }

  get #token(): string | undefined {
    const { exactlyOnce } = this.#options
    return typeof exactlyOnce === 'object' ? exactlyOnce.token : undefined
  }

  #tokenKey(): string | Buffer {
    const { exactlyOnce } = this.#options
    const prefix = (typeof exactlyOnce === 'object' ? exactlyOnce.tokenPrefix : undefined) ?? TOKEN_PREFIX
    const key = prefix + (this.#token ?? `${PROCESS}${(calls++).toString(36)}`)
    const { keyPrefix } = this.#host
    return Buffer.isBuffer(keyPrefix) ? Buffer.concat([keyPrefix, Buffer.from(key)]) : (keyPrefix ?? '') + key
  }

  #isPlain(unit: readonly Command[]): boolean {
    const [command] = unit
    return unit.length === 1 && command !== undefined && this.#fitnessOf(command).kind === 'plain'
  }

  #fitnessOf({ name, args }: Command): Fitness {
    if (this.#host.readOnlyCommands?.has(name.toLowerCase()) === true) return { kind: 'plain' }
    this.#host.scripts.note(name, args as Arg[])
    return fitnessOf(name, args as Arg[], this.#sourceOf)
  }

  readonly #sourceOf = (sha: string): string | undefined => this.#host.sourceOf(sha) ?? this.#host.scripts.get(sha)

  /** The error as the user's own command would have given it. */
  #told(error: Error & { command?: unknown }, command: Command, step: Step): Error {
    if (error.command === undefined || !isReply(error)) return error
    const own = ownError(error.message)
    if (own === 'other-call')
      return new ConfigurationError(
        `the exactlyOnce token "${this.#token ?? ''}" was used before for another command or other arguments: one token names one call`,
        { group: this.#host.group, command: command.name }
      )
    if (own === 'no-reply')
      return new UnknownOutcomeError(
        `${command.name.toUpperCase()} was executed before with this token, and its reply could not be kept`,
        { group: this.#host.group, stage: 'in-flight', command: command.name }
      )
    error.message = plainErrorText(step, error.message)
    error.command = { name: command.name, args: command.args }
    return error
  }
}

function isReply(error: Error): boolean {
  return error.name === 'ReplyError'
}

/** Each command by itself, and each MULTI with all up to its EXEC. */
function unitsOf(commands: readonly Command[]): Command[][] {
  const units: Command[][] = []
  let open: Command[] | undefined
  for (const command of commands) {
    const name = command.name.toLowerCase()
    if (open === undefined) {
      const unit = [command]
      units.push(unit)
      if (name === 'multi') open = unit
    } else {
      open.push(command)
      if (name === 'exec') open = undefined
    }
  }
  return units
}

function stepOf(command: Command, fitness: Fitness): Step {
  const { name } = command
  const args = [...(command.args as Arg[])]
  if (fitness.kind !== 'script') return { name, args }
  const { source } = fitness
  return { name, args, script: { source, sha: sha1(source) } }
}

function refusalOf(command: Command, step: Step, fitness: Fitness): Error | undefined {
  if (fitness.kind === 'unknown-script') return noScript(command)
  const reason = fitness.kind === 'refused' ? fitness.reason : tooManyWords(step)
  return reason === undefined ? undefined : cannot(step.name, reason)
}

/**
 * As a server says that does not know the script: whoever sends the SHA1 first sends the text then, which is known from there on. The
 * server may know it; but to be executed once it has to be made part of another script, and for that its text is needed here.
 */
function noScript(command: Command): Error {
  const cause = new ConfigurationError(
    'EVALSHA with exactlyOnce needs the text of the script, and this client has not sent it: use eval, defineCommand, or script("LOAD", …) through with({ exactlyOnce })',
    { command: command.name }
  )
  return replyError('NOSCRIPT No matching script. Please use EVAL.', command, cause)
}

function cannot(name: string, reason: string): ConfigurationError {
  return new ConfigurationError(`${name.toUpperCase()} cannot be made with exactlyOnce: ${reason}`, { command: name })
}

/** None when one of them writes and nobody can tell its keys. */
function keysWrittenBy(commands: readonly Command[]): (string | Buffer)[] {
  const keys: (string | Buffer)[] = []
  for (const command of commands) {
    const args = command.args as Arg[]
    if (!mayWrite(command.name, args)) continue
    const found = keysIn(command)
    if (keysOf(command.name, args, 0, () => found) === undefined) return []
    keys.push(...found)
  }
  return keys
}
