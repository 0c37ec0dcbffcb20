import type { Command, Option } from 'commander'

/** What follows a flag. */
export type Value = 'nothing' | 'text' | 'file' | readonly string[]

export interface Flag {
  /** `--name`, and `-n` where there is one. */
  readonly names: readonly string[]
  readonly description: string
  readonly value: Value
}

export interface Completed {
  readonly name: string
  readonly description: string
  readonly flags: readonly Flag[]
  /** What may stand behind the command, beside flags. */
  readonly words: readonly string[]
}

export interface CompletionModel {
  readonly program: string
  readonly flags: readonly Flag[]
  readonly commands: readonly Completed[]
}

/** What a shell may offer, from the program's own definitions. */
export function completionModel(program: Command): CompletionModel {
  const help = program.createHelp()
  const flagsOf = (command: Command): Flag[] => help.visibleOptions(command).map(flagOf)
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help')
  return {
    program: program.name(),
    flags: flagsOf(program),
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      flags: flagsOf(command),
      words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])
    }))
  }
}

function flagOf(option: Option): Flag {
  return {
    names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
    description: option.description,
    value: valueOf(option)
  }
}

function valueOf({ required, optional, argChoices, flags }: Option): Value {
  if (!required && !optional) return 'nothing'
  if (argChoices !== undefined) return argChoices
  return /[<[](?:path|file|folder|directory)[>\]]/.test(flags) ? 'file' : 'text'
}
