import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type KubernetesObject, ROOT } from './objects.js'

/**
 * What `kubectl kustomize` makes of an overlay that a user writes, its kustomization.yaml and what else lies beside it. Where a file
 * says K8S it means the folder k8s.
 */
export function renderOwn(files: Readonly<Record<string, string>>): KubernetesObject[] {
  const folder = mkdtempSync(join(tmpdir(), 'own-overlay-'))
  try {
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text.replaceAll('K8S', relative(folder, join(ROOT, 'k8s'))))
    const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`kubectl kustomize failed: ${stderr}`)
    return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
