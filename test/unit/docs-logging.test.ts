import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'

const LEVELS = ['info', 'warn', 'error', 'fatal']

it('docs/logging.md lists every line from info up, with its level', () => {
  const rows = readFileSync('docs/logging.md', 'utf8').match(/^\| `[^`]+` \| \w+ \|/gm) ?? []
  expect(rows.map((row) => row.slice(2, -2).replaceAll('`', '')).sort()).toEqual([...linesInSource()].sort())
})

/** What the sources say by `log.info({ … }, 'words')` and the like. */
function linesInSource(): Set<string> {
  const found = new Set<string>()
  for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || /^(testkit|cli)\//.test(path.replaceAll('\\', '/'))) continue
    const source = ts.createSourceFile(path, readFileSync(`src/${path}`, 'utf8'), ts.ScriptTarget.ES2022)
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { expression: logger, name } = node.expression
        const isLogger =
          (ts.isIdentifier(logger) || ts.isPropertyAccessExpression(logger)) && /log$/i.test(nameOf(logger))
        const words = node.arguments[1]
        if (isLogger && LEVELS.includes(name.text) && words !== undefined)
          for (const text of textsIn(words)) found.add(`${text} | ${name.text}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return found
}

function nameOf(node: ts.Identifier | ts.PropertyAccessExpression): string {
  return ts.isIdentifier(node) ? node.text : node.name.text
}

function textsIn(node: ts.Expression): string[] {
  if (ts.isConditionalExpression(node)) return [...textsIn(node.whenTrue), ...textsIn(node.whenFalse)]
  return ts.isStringLiteral(node) ? [node.text] : [`not a text: ${node.kind}`]
}
