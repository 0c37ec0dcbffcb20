import type { SourceFile } from './source-tree.js'

/** Every cycle found, as `a.ts -> b.ts -> a.ts`. Type imports count: such files cannot be understood one at a time either. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(files.map((file) => [file.path, new Set(file.imports.flatMap(({ target }) => target ?? []))]))
  const done = new Set<string>()
  const cycles: string[] = []

  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }

  for (const path of targets.keys()) visit(path, [])
  return cycles
}
