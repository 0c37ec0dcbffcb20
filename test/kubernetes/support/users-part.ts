import type { ConfigMap, KubernetesObject, Secret } from '../harness/manifests/objects.js'
import { Authority } from './certificates.js'

/** What a user adds to an overlay before it can run: passwords and certificates, where it has none of its own. */
export async function usersPart(
  objects: readonly KubernetesObject[]
): Promise<{ readonly objects: readonly KubernetesObject[]; readonly authority?: Authority }> {
  const has = (kind: string, name: string): boolean =>
    objects.some((object) => object.kind === kind && object.metadata.name === name)
  const namespace = objects.find(({ metadata }) => metadata.namespace !== undefined)?.metadata.namespace ?? 'default'
  const added: KubernetesObject[] = []
  if (!has('Secret', 'redis-auth')) added.push(passwords('redis-auth', namespace, objects))
  const wanted = objects.find(({ kind }) => kind === 'Certificate') as Certificate | undefined
  if (wanted === undefined) return { objects: [...added, ...objects] }
  const authority = await Authority.create()
  added.push(await authority.issue(wanted.spec.secretName, namespace, wanted.spec.dnsNames))
  return { objects: [...added, ...objects], authority }
}

export interface Certificate extends KubernetesObject {
  readonly spec: { readonly secretName: string; readonly dnsNames: readonly string[] }
}

/** One for each user that the overlay's users.acl lets in. */
function passwords(name: string, namespace: string, objects: readonly KubernetesObject[]): Secret {
  const acl = objects.map((object) => (object as ConfigMap).data?.['users.acl'] ?? '').join('\n')
  const users = [...acl.matchAll(/^user (\S+) (?!off)/gm)].map(([, user = '']) => `user-${user}`)
  const keys = [...(users.length === 0 ? ['user-default'] : users), 'sentinel-password']
  const stringData = Object.fromEntries(keys.map((key) => [key, `secret-of-${key}`]))
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }
}
