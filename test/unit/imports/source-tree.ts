import { posix } from 'node:path'
import ts from 'typescript'

export interface ImportOf {
  /** As written. */
  readonly specifier: string
  /** The file it means, relative to src/, when it is one of ours. */
  readonly target?: string
  /** Erased by the compiler: nothing is loaded at run time. */
  readonly typeOnly: boolean
}

export interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly ast: ts.SourceFile
  readonly imports: readonly ImportOf[]
}

/** The package's own public entries, by which the command line imports it. */
const PUBLIC_ENTRIES: Readonly<Record<string, string>> = {
  'ioredis-sentinel': 'index.ts',
  'ioredis-sentinel/testkit': 'testkit/index.ts'
}

export function parseSource(path: string, text: string): SourceFile {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return { path, text, ast, imports: [...importsIn(ast)].map((found) => resolve(path, found)) }
}

/** Every node below and including this one. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node
  for (const child of node.getChildren()) yield* nodesOf(child)
}

function* importsIn(ast: ts.SourceFile): Generator<Pick<ImportOf, 'specifier' | 'typeOnly'>> {
  for (const node of nodesOf(ast)) {
    if (ts.isImportDeclaration(node)) {
      yield { specifier: textOf(node.moduleSpecifier), typeOnly: node.importClause?.isTypeOnly === true }
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      yield { specifier: textOf(node.moduleSpecifier), typeOnly: node.isTypeOnly }
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      yield { specifier: textOf(node.argument.literal), typeOnly: true }
    } else if (isLoadingCall(node)) {
      yield { specifier: textOf(node.arguments[0]), typeOnly: false }
    }
  }
}

function isLoadingCall(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false
  const { expression } = node
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  )
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : '(computed)'
}

function resolve(from: string, found: Pick<ImportOf, 'specifier' | 'typeOnly'>): ImportOf {
  const { specifier } = found
  const target = specifier.startsWith('.')
    ? posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
    : PUBLIC_ENTRIES[specifier]
  return target === undefined ? found : { ...found, target }
}
