import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The members of an interface, or of a union of texts, that a file of this checkout declares; inherited ones are left out. */
export function declaredMembers(path: string, name: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest)
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name)
      return statement.members.flatMap((member) =>
        member.name !== undefined && (ts.isIdentifier(member.name) || ts.isStringLiteral(member.name))
          ? [member.name.text]
          : []
      )
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name && ts.isUnionTypeNode(statement.type))
      return statement.type.types.flatMap((one) =>
        ts.isLiteralTypeNode(one) && ts.isStringLiteral(one.literal) ? [one.literal.text] : []
      )
  }
  throw new Error(`${path} declares no ${name}`)
}

/** What each of these types has, in the words of TypeScript; of a union, what any member of it has. */
export function optionNames(...types: readonly [string, ...string[]]): string[][] {
  const { program, files } = compile([types.map((type, index) => `export type Options${index} = ${type}\n`).join('')])
  const checker = program.getTypeChecker()
  const module = files.map((file) => checker.getSymbolAtLocation(file))[0]
  const exported = module === undefined ? [] : checker.getExportsOfModule(module)
  return types.map((type, index) => {
    const symbol = exported.find(({ name }) => name === `Options${index}`)
    const declared = symbol === undefined ? [] : [checker.getDeclaredTypeOfSymbol(symbol)]
    const members = declared.flatMap((one) => (one.isUnion() ? one.types : [one]))
    const names = new Set(members.flatMap((member) => member.getProperties().map(({ name }) => name)))
    if (names.size === 0) throw new Error(`${type} has no properties`)
    return [...names]
  })
}

/** What the compiler, by this checkout's tsconfig and what is given beside it, says against each of these programs. */
export function problemsIn(programs: readonly string[], beside: ts.CompilerOptions = {}): string[] {
  const { program, files } = compile(programs, beside)
  return files
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

/** Compiles texts as if they were files in the root of this checkout. */
function compile(
  texts: readonly string[],
  beside: ts.CompilerOptions = {}
): { program: ts.Program; files: ts.SourceFile[] } {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const options = { ...ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options, ...beside }
  const named = new Map(texts.map((text, index) => [join(ROOT, `not-on-disk-${index}.ts`), text]))
  const host = ts.createCompilerHost(options)
  const onDisk = { readFile: host.readFile.bind(host), fileExists: host.fileExists.bind(host) }
  host.readFile = (path) => named.get(path) ?? onDisk.readFile(path)
  host.fileExists = (path) => named.has(path) || onDisk.fileExists(path)
  const program = ts.createProgram([...named.keys()], options, host)
  return { program, files: [...named.keys()].flatMap((path) => program.getSourceFile(path) ?? []) }
}
