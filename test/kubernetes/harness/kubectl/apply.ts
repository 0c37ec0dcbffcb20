import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { renderedFile, TARGETS } from '../../../../scripts/lib/k8s-targets.mjs'
import { ROOT } from '../../../../scripts/lib/root.mjs'
import { withoutForeignImages } from '../manifests/foreign-images.js'
import type { KubernetesObject } from '../manifests/objects.js'
import { parseManifests } from '../manifests/read-manifests.js'
import type { Call } from './call.js'
import { inItsNamespace, textOf } from './input.js'
import { titleOf } from './targets.js'

/** `apply -k`: what lies in k8s/rendered for this folder. A test holds that to be what kubectl makes of it. */
export function apply({ cluster, cwd, out }: Call, folder: string): void {
  const objects = rendered(cwd, folder)
  const before = objects.map(({ kind, metadata }) => JSON.stringify(cluster.objects.find(kind, metadata.name)))
  cluster.apply(objects)
  for (const [index, object] of objects.entries()) {
    const old = before[index]
    const done = old === undefined ? 'created' : old === JSON.stringify(object) ? 'unchanged' : 'configured'
    out(`${titleOf(object)} ${done}\n`)
  }
}

/** `apply -f`: the objects of a file, or of the standard input. */
export async function applyFile(call: Call, file: string, onTheServer: boolean): Promise<void> {
  const objects = parseManifests(await textOf(call, file)).map(inItsNamespace)
  call.cluster.apply(objects)
  for (const object of objects) call.out(`${titleOf(object)} ${onTheServer ? 'serverside-applied' : 'created'}\n`)
}

/** `delete -k`: what it names, and with a namespace all that is in it. Resolves when nothing of it is left. */
export async function deleteFolder({ cluster, cwd, out }: Call, folder: string): Promise<void> {
  const objects = rendered(cwd, folder)
  const whole = objects.some(({ kind }) => kind === 'Namespace')
  cluster.events.say(`delete -k ${folder}`)
  for (const object of objects) {
    cluster.objects.remove(object.kind, object.metadata.name)
    out(`${titleOf(object).replace('/', ' "')}" deleted\n`)
  }
  if (whole) cluster.objects.clear()
  const isOwned = (owner = ' '): boolean => {
    const [kind = '', name = ''] = owner.split(' ')
    return cluster.objects.find(kind, name) !== undefined
  }
  const isNamed = (pod: string): boolean =>
    objects.some(({ kind, metadata }) => kind === 'Pod' && metadata.name === pod)
  const pods = cluster.pods.filter(
    ({ name, setup: { owner } }) => whole || (owner === undefined ? isNamed(name) : !isOwned(owner))
  )
  await Promise.all(pods.map((pod) => cluster.deletePod(pod)))
  if (whole) for (const claim of cluster.claims.names) cluster.claims.remove(claim)
}

function rendered(cwd: string, folder: string): readonly KubernetesObject[] {
  const path = resolve(cwd, folder)
  // Who runs a document elsewhere has a link to k8s there.
  const target = relative(realpathSync(join(ROOT, 'k8s')), existsSync(path) ? realpathSync(path) : path)
  if (!TARGETS.includes(target))
    throw new Error(`${folder} is not rendered; there is ${TARGETS.map((each) => `k8s/${each}`).join(', ')}`)
  return withoutForeignImages(parseManifests(readFileSync(join(ROOT, renderedFile(target)), 'utf8')))
}
