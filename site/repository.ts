import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hrefsIn, type Target, targetOf } from './links.js'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))
export const DOCS = join(ROOT, 'docs')

/** The Markdown files of the repository that the site is built from. */
export function markdownFiles(): string[] {
  const docs = readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md'))
  return [...docs.sort(), 'CHANGELOG.md', 'CONTRIBUTING.md']
}

/** The files of the repository that the site's pages link to and that are no pages, each once. */
export function linked(kind: 'source' | 'file'): string[] {
  const targets = markdownFiles().flatMap((file) =>
    hrefsIn(readFileSync(join(ROOT, file), 'utf8')).map((href): [string, Target] => [file, targetOf(file, href)])
  )
  const found = new Set<string>()
  for (const [from, target] of targets) {
    if (target.kind !== kind) continue
    if (!existsSync(join(ROOT, target.path))) throw new Error(`${from} links to ${target.path}, which is not there`)
    found.add(target.path)
  }
  return [...found].sort()
}

const LANGUAGES: Readonly<Record<string, string>> = {
  '.ts': 'ts',
  '.mjs': 'js',
  '.sh': 'sh',
  '.yaml': 'yaml',
  '.md': 'md'
}

/** A file of the repository, or the names in a folder, as Markdown. */
export function sourcePage(path: string): string {
  const title = `# ${path}\n\n`
  if (statSync(join(ROOT, path)).isDirectory()) {
    const names = readdirSync(join(ROOT, path), { withFileTypes: true })
    const lines = names.map((one) => `- \`${one.name}${one.isDirectory() ? '/' : ''}\``).sort()
    return `${title}A folder of the repository:\n\n${lines.join('\n')}\n`
  }
  const text = readFileSync(join(ROOT, path), 'utf8').trimEnd()
  const language = LANGUAGES[extname(path)] ?? 'txt'
  const ticks = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${title}${ticks}${language}\n${text}\n${ticks}\n`
}
