import type { CompletionModel, Flag } from './model.js'

/** By fish's own complete (https://fishshell.com/docs/current/cmds/complete.html). */
export function fishScript({ program, flags, commands }: CompletionModel): string {
  const none = '__fish_use_subcommand'
  const lines = [
    `# fish completion for ${program}`,
    `complete -c ${program} -f`,
    ...flags.map((flag) => `complete -c ${program} -n ${none} ${flagWords(flag)}`)
  ]
  for (const { name, description, flags: own, words } of commands) {
    const within = quoted(`__fish_seen_subcommand_from ${name}`)
    lines.push(`complete -c ${program} -n ${none} -a ${name} -d ${quoted(description)}`)
    if (words.length > 0) lines.push(`complete -c ${program} -n ${within} -a ${quoted(words.join(' '))}`)
    for (const flag of own) lines.push(`complete -c ${program} -n ${within} ${flagWords(flag)}`)
  }
  return `${lines.join('\n')}\n`
}

function flagWords({ names, description, value }: Flag): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  return [...flags, ...valueWords(value), `-d ${quoted(description)}`].join(' ')
}

function valueWords(value: Flag['value']): string[] {
  if (value === 'nothing') return []
  if (value === 'text') return ['-x']
  return value === 'file' ? ['-r -F'] : [`-x -a ${quoted(value.join(' '))}`]
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
