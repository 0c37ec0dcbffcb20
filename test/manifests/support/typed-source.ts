import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { KubernetesObject } from './objects.js'

/** The package that has the type of an API group. */
const PACKAGES: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'cert-manager.io': '@kubernetes-models/cert-manager'
}

/** Where the type of an object is imported from: kubernetes-models/apps/v1, kubernetes-models/v1 … */
export function moduleOf({ apiVersion }: Pick<KubernetesObject, 'apiVersion'>): string {
  const [group = ''] = apiVersion.split('/')
  return `${PACKAGES[group] ?? 'kubernetes-models'}/${apiVersion}`
}

const HERE = fileURLToPath(new URL('typed-source.generated.ts', import.meta.url))

/**
 * What TypeScript says of the objects, each written as a literal of its type: only for literals it refuses fields that a type does
 * not have, at any depth. The schemas let them pass, and so does the API server without strict validation.
 */
export function typeErrors(objects: readonly KubernetesObject[]): string[] {
  const source = objects
    .map(
      (object, index) =>
        `import type { I${object.kind} as T${index} } from '${moduleOf(object)}/${object.kind}'\n` +
        `export const o${index}: T${index} = ${JSON.stringify(object)}\n`
    )
    .join('')
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: []
  }
  const files = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...files,
    fileExists: (name) => name === HERE || files.fileExists(name),
    readFile: (name) => (name === HERE ? source : files.readFile(name)),
    getSourceFile: (name, ...rest) =>
      name === HERE ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : files.getSourceFile(name, ...rest)
  }
  const program = ts.createProgram([HERE], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
    const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line
    const object = objects[Math.floor(line / 2)]
    return `${object?.kind} ${object?.metadata.name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}
