/** A `sh` block of a document, and what it says that it prints: the `text` block that follows it at once. */
export interface Block {
  /** The heading that it stands below. */
  readonly heading: string
  /** Of its first line, from 1. */
  readonly line: number
  readonly commands: string
  /** Nothing when no text block follows. */
  readonly printed: string
}

const FENCED = /^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm

export function blocksOf(document: string): readonly Block[] {
  return [...document.matchAll(FENCED)].map(({ index, 1: commands = '', 2: printed = '' }) => {
    const before = document.slice(0, index)
    // A comment in a block is no heading.
    const prose = before.replaceAll(/^```[\s\S]*?^```$/gm, '')
    const heading = [...prose.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? ''
    return { heading, line: before.split('\n').length + 1, commands, printed }
  })
}

/** The document with what its blocks printed now, in their order. */
export function withPrinted(document: string, printed: readonly string[]): string {
  let block = 0
  return document.replace(FENCED, (_, commands: string) => {
    const text = printed[block] ?? ''
    block += 1
    return `\`\`\`sh\n${commands}\`\`\`\n${text === '' ? '' : `\n\`\`\`text\n${text}\`\`\`\n`}`
  })
}
