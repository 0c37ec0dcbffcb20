import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from './objects.js'

/** The objects of a file with several documents. Kustomize's output is the one truth: nothing is rendered here. */
export function parseManifests(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
}

/** An overlay as it lies in k8s/rendered. */
export function readOverlay(name: string): readonly KubernetesObject[] {
  return parseManifests(
    readFileSync(fileURLToPath(new URL(`../../../../k8s/rendered/${name}.yaml`, import.meta.url)), 'utf8')
  )
}
