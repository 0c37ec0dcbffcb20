/** What stands between a heading of the second level and the next one. */
export function section(markdown: string, heading: string): string {
  const [, text] = markdown.split(`\n## ${heading}\n`)
  if (text === undefined) throw new Error(`there is no section "${heading}"`)
  return text.split('\n## ')[0] ?? ''
}

/** The rows of the first table whose head begins with these cells. */
export function table(markdown: string, ...head: readonly string[]): string[][] {
  const lines = markdown.split('\n')
  const at = lines.findIndex((line) => line.startsWith(`| ${head.join(' | ')} `))
  if (at === -1) throw new Error(`there is no table with the head ${head.join(', ')}`)
  const rest = lines.slice(at + 2)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
}

/** What stands in `code` quotes. */
export function quoted(markdown: string): string[] {
  return [...markdown.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '')
}

export function codeBlocks(markdown: string, language: string): string[] {
  const fenced = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')
  return [...markdown.matchAll(fenced)].map(([, code]) => code ?? '')
}

/** Targets of links, those in code blocks left out. */
export function links(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '')
}

/** What a link to each heading has behind the `#`, as GitHub makes it. */
export function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
}

/** The parts of a document, each below a heading of any level; a `#` in a code block is none. */
export function sections(markdown: string): { heading: string; text: string }[] {
  const found = [{ heading: '', text: '' }]
  let isCode = false
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode
    const heading = isCode ? undefined : /^#+ (.*)$/.exec(line)?.[1]
    if (heading !== undefined) found.push({ heading, text: '' })
    else (found.at(-1) as { text: string }).text += `${line}\n`
  }
  return found
}

/** Every fenced block, with what stands behind its opening ticks. */
export function fences(markdown: string): { language: string; block: string }[] {
  return [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    block
  }))
}

/**
 * The commands of the blocks of shell, one a line, without what is said of them; a block that puts one into the background is a single
 * command.
 */
export function commandsIn(markdown: string): string[] {
  return codeBlocks(markdown, 'sh').flatMap((block) =>
    / &$/m.test(block)
      ? [block.trim()]
      : block
          .trim()
          .split('\n')
          .map((line) => line.replace(/\s+#.*$/, ''))
  )
}
