import type { ConfigMap, KubernetesObject, Secret } from '../manifests/objects.js'

/** The API server's objects of one namespace, by kind and name. */
export class ObjectStore {
  readonly #objects = new Map<string, KubernetesObject>()

  put(object: KubernetesObject): void {
    this.#objects.set(`${object.kind} ${object.metadata.name}`, object)
  }

  remove(kind: string, name: string): void {
    this.#objects.delete(`${kind} ${name}`)
  }

  clear(): void {
    this.#objects.clear()
  }

  find<T extends KubernetesObject>(kind: string, name: string): T | undefined {
    return this.#objects.get(`${kind} ${name}`) as T | undefined
  }

  /** @throws Error that names those of the kind that are there. */
  get<T extends KubernetesObject>(kind: string, name: string): T {
    const found = this.find<T>(kind, name)
    if (found !== undefined) return found
    const names = this.all(kind).map(({ metadata }) => metadata.name)
    throw new Error(`there is no ${kind} ${name}; there is ${names.join(', ') || 'none'}`)
  }

  all<T extends KubernetesObject>(kind: string): readonly T[] {
    return [...this.#objects.values()].filter((object): object is T => object.kind === kind)
  }

  configMap(name: string): Readonly<Record<string, Buffer>> | undefined {
    const found = this.find<ConfigMap>('ConfigMap', name)
    if (found === undefined) return undefined
    return { ...decode(found.data, 'utf8'), ...decode(found.binaryData, 'base64') }
  }

  secret(name: string): Readonly<Record<string, Buffer>> | undefined {
    const found = this.find<Secret>('Secret', name)
    if (found === undefined) return undefined
    return { ...decode(found.data, 'base64'), ...decode(found.stringData, 'utf8') }
  }
}

function decode(data: Readonly<Record<string, string>> = {}, encoding: BufferEncoding): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]))
}
