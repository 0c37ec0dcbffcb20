import type { ContainerSpec, EnvVar, PodSpec } from '../manifests/objects.js'
import { quantity } from '../manifests/quantity.js'
import { MissingReferenceError, type References } from './volume-files.js'
import { IMAGE_PATH } from './root-filesystem.js'

/** The environment of a container, in the order of the kubelet: the image's, the cluster's, envFrom, env. */
export function environmentOf(
  container: ContainerSpec,
  pod: PodSpec,
  hostname: string,
  references: References
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {
    PATH: IMAGE_PATH,
    HOME: '/root',
    HOSTNAME: hostname,
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443'
  }
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const source = configMapRef ?? secretRef
    if (source === undefined) continue
    const data = configMapRef === undefined ? references.secret(source.name) : references.configMap(source.name)
    if (data === undefined && source.optional !== true) throw new MissingReferenceError(`${source.name} is not there`)
    for (const [key, value] of Object.entries(data ?? {})) env[prefix + key] = value.toString('utf8')
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, container, pod, references)
    if (value !== undefined) env[variable.name] = expand(value, env)
  }
  return env
}

/** `$(NAME)` becomes the variable's value where there is one, `$$(NAME)` becomes `$(NAME)`. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (all, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? all)
  )
}

function valueOf(
  { value = '', valueFrom }: EnvVar,
  container: ContainerSpec,
  pod: PodSpec,
  references: References
): string | undefined {
  if (valueFrom === undefined) return value
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom
  if (fieldRef !== undefined) return references.field(fieldRef.fieldPath)
  if (resourceFieldRef !== undefined) {
    const { resource, containerName = container.name, divisor = '1' } = resourceFieldRef
    const named = [...pod.containers, ...(pod.initContainers ?? [])].find(({ name }) => name === containerName)
    const [which = '', what = ''] = resource.split('.', 2) as [('limits' | 'requests')?, string?]
    const amount = which === '' ? undefined : named?.resources?.[which]?.[what]
    if (amount === undefined)
      throw new Error(`resourceFieldRef ${resource}: container ${containerName} has none, and nodes have no sizes here`)
    return String(Math.ceil(quantity(amount) / quantity(divisor === '0' ? '1' : divisor)))
  }
  const ref = configMapKeyRef ?? secretKeyRef
  if (ref === undefined) return value
  const data = configMapKeyRef === undefined ? references.secret(ref.name) : references.configMap(ref.name)
  const found = data?.[ref.key]
  if (found === undefined && ref.optional !== true) throw new MissingReferenceError(`${ref.name} has no key ${ref.key}`)
  return found?.toString('utf8')
}
