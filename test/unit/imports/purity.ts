import { builtinModules } from 'node:module'
import ts from 'typescript'
import { nodesOf, type SourceFile } from './source-tree.js'

/** Built-in modules that compute and do nothing else. */
const PURE_BUILTINS = new Set(['node:buffer'])
const IMPURE_PACKAGES = new Set(['ioredis', 'pino'])
const IMPURE_GLOBALS = new Set([
  'console',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout'
])

/** One line for each thing in this file that reads a clock, sets a timer, or touches the world outside. */
export function impurities(file: SourceFile): string[] {
  const loads = file.imports
    .filter(({ specifier, typeOnly }) => !typeOnly && isImpureModule(specifier))
    .map(({ specifier }) => `imports ${specifier}`)
  const uses = [...nodesOf(file.ast)].flatMap((node) => impureUse(node) ?? [])
  return [...loads, ...uses].map((what) => `${file.path} ${what}`)
}

function isImpureModule(specifier: string): boolean {
  const isBuiltin = specifier.startsWith('node:') || builtinModules.includes(specifier)
  const packageName = specifier.split('/')[0] ?? specifier
  return isBuiltin ? !PURE_BUILTINS.has(specifier) : IMPURE_PACKAGES.has(packageName)
}

function impureUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ['Date.now', 'Math.random'].includes(node.getText())) {
    return `uses ${node.getText()}`
  }
  const isCreation = ts.isNewExpression(node) || ts.isCallExpression(node)
  if (isCreation && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) return 'uses Date()'
  return ts.isIdentifier(node) && IMPURE_GLOBALS.has(node.text) && isReference(node) ? `uses ${node.text}` : undefined
}

/** The identifier stands for a value in scope; it is not a member's name, a key, or part of a type. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isBindingElement(parent)) return parent.propertyName !== node
  const named = parent as Partial<ts.NamedDeclaration>
  const isKey =
    named.name === node && (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent))
  return !isKey && !ts.isTypeReferenceNode(parent) && !ts.isQualifiedName(parent)
}
