import type { ConfigMap, KubernetesObject } from '../harness/manifests/objects.js'

/** Changes one file of the ConfigMap whose name begins so. @throws Error when nothing was changed: a test would prove nothing. */
export function editFile(
  objects: readonly KubernetesObject[],
  configMap: string,
  file: string,
  edit: (text: string) => string
): readonly KubernetesObject[] {
  let edits = 0
  const edited = objects.map((object) => {
    if (object.kind !== 'ConfigMap' || !object.metadata.name.startsWith(configMap)) return object
    const { data = {} } = object as ConfigMap
    const text = data[file]
    if (text === undefined) return object
    const changed = edit(text)
    if (changed !== text) edits += 1
    return { ...object, data: { ...data, [file]: changed } }
  })
  if (edits === 0) throw new Error(`no ConfigMap ${configMap}… has a file ${file} that this edit changes`)
  return edited
}

/** Readiness of redis as it would be without waiting for the sentinels to see the new pod: PONG and role, link. */
export function withoutFirstTimeGate(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return editFile(objects, 'redis-config', 'topology.env', (text) =>
    text.replace(/^FIRST_READY_SECONDS=.*$/m, 'FIRST_READY_SECONDS=0')
  )
}

/**
 * What `kubectl apply -k` would send after a change of one file: the ConfigMap has a new name, since kustomize names it after its
 * content, and what mounts it the new reference.
 */
export function changedConfig(
  objects: readonly KubernetesObject[],
  configMap: string,
  file: string,
  edit: (text: string) => string
): readonly KubernetesObject[] {
  const edited = editFile(objects, configMap, file, edit)
  const old = edited.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(configMap))
  const name = old?.metadata.name ?? ''
  return JSON.parse(JSON.stringify(edited).replaceAll(`"${name}"`, `"${name}-changed"`)) as KubernetesObject[]
}
