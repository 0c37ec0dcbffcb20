import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './root.mjs'

/** What is rendered, as folders below k8s. */
export const TARGETS = [
  'overlays/deployment',
  'overlays/statefulset',
  'overlays/production',
  'overlays/valkey',
  'overlays/primary-service',
  'examples',
  'examples-image',
  'examples-production',
  'drills',
  'drills-production',
  'restore'
]

/** Where the result of one of them is kept. */
export const renderedFile = (target) => `k8s/rendered/${target.replace('overlays/', '')}.yaml`

export function hasKubectl() {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0
}

/** @returns {{ text: string, warnings: string }} */
export function render(target) {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(ROOT, 'k8s', target)], {
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`kubectl kustomize k8s/${target} failed: ${stderr}`)
  return { text: stdout, warnings: stderr.trim() }
}
