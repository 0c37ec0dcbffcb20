import type { Completed, CompletionModel, Flag } from './model.js'

/** Needs nothing but bash itself, 3.2 or newer; what was typed is compared and never run. */
export function bashScript({ program, flags, commands }: CompletionModel): string {
  const own = functionName(program)
  const names = commands.map(({ name }) => name)
  const cases = commands.flatMap(({ name, flags: own }) => own.flatMap((flag) => valueCases(name, flag)))
  return `# bash completion for ${program}
${own}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
  # --flag=value comes as three words.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join(' | ')})
        command=\${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${cases.join('\n')}
  esac
  case $command in
    '') words=${quoted([...names, ...flagNames(flags)])} ;;
${commands.map((command) => `    ${command.name}) words=${quoted(wordsOf(command))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  compopt +o default 2>/dev/null
  return 0
}
complete -o default -F ${own} ${program}
`
}

/** Without words bash offers files, if that has not been switched off. */
function valueCases(command: string, { names, value }: Flag): string[] {
  if (value === 'nothing') return []
  const pattern = names.map((name) => `'${command} ${name}'`).join(' | ')
  if (value === 'file') return [`    ${pattern}) return 0 ;;`]
  const words = value === 'text' ? '' : `COMPREPLY=($(compgen -W ${quoted(value)} -- "$cur")); `
  return [`    ${pattern}) ${words}compopt +o default 2>/dev/null; return 0 ;;`]
}

function wordsOf({ words, flags }: Completed): string[] {
  return [...words, ...flagNames(flags)]
}

function flagNames(flags: readonly Flag[]): string[] {
  return flags.flatMap(({ names }) => names.filter((name) => name.startsWith('--')))
}

function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`
}

function functionName(program: string): string {
  return `_${program.replaceAll(/\W/g, '_')}`
}
