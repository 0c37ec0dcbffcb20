import type { Completed, CompletionModel, Flag } from './model.js'

/** By zsh's own _arguments (zshcompsys(1)). */
export function zshScript({ program, flags, commands }: CompletionModel): string {
  const own = `_${program.replaceAll(/\W/g, '_')}`
  const list = commands.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ')
  return `#compdef ${program}
${own}() {
  local -a commands
  commands=(${list})
  if ((CURRENT == 2)); then
    if [[ $words[2] == -* ]]; then
      _arguments ${flags.flatMap(specs).join(' ')}
    else
      _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map((command) => `    ${command.name}) _arguments ${specsOf(command).join(' ')} ;;`).join('\n')}
  esac
}
compdef ${own} ${program}
`
}

function specsOf({ flags, words }: Completed): string[] {
  const argument = words.length === 0 ? [] : [quoted(`1:word:(${words.join(' ')})`)]
  return [...argument, ...flags.flatMap(specs)]
}

function specs({ names, description, value }: Flag): string[] {
  return names.map((name) => quoted(`${name}[${escaped(description)}]${actionOf(value)}`))
}

function actionOf(value: Flag['value']): string {
  if (value === 'nothing') return ''
  if (value === 'text') return ':value:'
  return value === 'file' ? ':file:_files' : `:value:(${value.join(' ')})`
}

function escaped(description: string): string {
  return description.replaceAll(/[[\]:\\]/g, String.raw`\$&`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
