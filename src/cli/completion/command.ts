import { Argument, Command } from 'commander'
import { bashScript } from './bash.js'
import { fishScript } from './fish.js'
import { type CompletionModel, completionModel } from './model.js'
import { zshScript } from './zsh.js'

const SCRIPTS: Readonly<Record<string, (model: CompletionModel) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript
}

const HELP = `
The script holds the commands and flags of this version: nothing is run at a TAB.

Examples:
  source <(ioredis-sentinel completion bash)       # bash, in ~/.bashrc
  source <(ioredis-sentinel completion zsh)        # zsh, in ~/.zshrc, behind compinit
  ioredis-sentinel completion fish | source        # fish, in ~/.config/fish/config.fish`

/** `completion <shell>`: the script is made from what the program holds by then. */
export function completionCommand(program: () => Command): Command {
  return new Command('completion')
    .description('Prints a script by which a shell completes commands, flags and their values.')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action((shell: string) => {
      process.stdout.write(SCRIPTS[shell]?.(completionModel(program())) ?? '')
    })
}
