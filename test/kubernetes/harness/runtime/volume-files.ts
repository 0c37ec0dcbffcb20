import type { FileSources, KeyToPath, Volume } from '../manifests/objects.js'
import type { VolumeFile } from './atomic-folder.js'

/** Where a pod's references lead: what is not there is undefined. */
export interface References {
  configMap(name: string): Readonly<Record<string, Buffer>> | undefined
  secret(name: string): Readonly<Record<string, Buffer>> | undefined
  field(path: string): string
}

export class MissingReferenceError extends Error {
  override readonly name = 'MissingReferenceError'
}

const DEFAULT_MODE = 0o644

/** The files of a volume that is made of objects; undefined for the other kinds. */
export function volumeFiles(volume: Volume, references: References): readonly VolumeFile[] | undefined {
  const { configMap, secret, downwardAPI, projected } = volume
  if (projected !== undefined) {
    const mode = projected.defaultMode ?? DEFAULT_MODE
    return projected.sources.flatMap((source) => sourceFiles(source, mode, references))
  }
  const source = configMap ?? secret ?? downwardAPI
  return source === undefined ? undefined : sourceFiles(volume, source.defaultMode ?? DEFAULT_MODE, references)
}

function sourceFiles(
  { configMap, secret, downwardAPI }: FileSources,
  mode: number,
  references: References
): VolumeFile[] {
  const files: VolumeFile[] = []
  if (configMap !== undefined) {
    const { name, items, optional } = configMap
    files.push(...pick(`ConfigMap ${name}`, references.configMap(name), items, optional, mode))
  }
  if (secret !== undefined) {
    const { secretName, name = secretName ?? '', items, optional } = secret
    files.push(...pick(`Secret ${name}`, references.secret(name), items, optional, mode))
  }
  for (const { path, fieldRef } of downwardAPI?.items ?? []) {
    if (fieldRef !== undefined) files.push({ path, content: Buffer.from(references.field(fieldRef.fieldPath)), mode })
  }
  return files
}

function pick(
  what: string,
  data: Readonly<Record<string, Buffer>> | undefined,
  items: readonly KeyToPath[] | undefined,
  optional: boolean | undefined,
  mode: number
): VolumeFile[] {
  if (data === undefined) {
    if (optional === true) return []
    throw new MissingReferenceError(`${what} is not there`)
  }
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }))
  return wanted.flatMap(({ key, path, mode: own }: KeyToPath) => {
    const content = data[key]
    if (content !== undefined) return [{ path, content, mode: own ?? mode }]
    if (optional === true) return []
    throw new MissingReferenceError(`${what} has no key ${key}`)
  })
}
