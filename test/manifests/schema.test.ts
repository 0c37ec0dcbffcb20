import { describe, expect, it } from 'vitest'
import { type KubernetesObject, ofKind, readRendered, RENDERED, running, title } from './support/objects.js'
import { moduleOf, typeErrors } from './support/typed-source.js'

interface Model {
  validate(): void
}

/** What the schema of its kind says of an object; undefined when nothing. */
async function schemaError(object: KubernetesObject): Promise<string | undefined> {
  const module = (await import(`${moduleOf(object)}/${object.kind}`)) as Record<string, new (data: object) => Model>
  const Kind = module[object.kind]
  if (Kind === undefined) throw new Error(`${moduleOf(object)} has no ${object.kind}`)
  try {
    new Kind(object).validate()
    return undefined
  } catch (error) {
    return `${title(object)}: ${(error as Error).message}`
  }
}

const schemaErrors = async (objects: readonly KubernetesObject[]): Promise<string[]> =>
  (await Promise.all(objects.map(schemaError))).filter((error) => error !== undefined)

describe.each(RENDERED)('k8s/rendered/%s.yaml', (name) => {
  it('is what the schemas of Kubernetes allow', async () => {
    expect(await schemaErrors(readRendered(name))).toEqual([])
  })
})

it('no rendered file has a field that its type does not have', () => {
  const objects = RENDERED.flatMap(readRendered)
  expect(typeErrors(objects)).toEqual([])
})

it('a value of the wrong kind is found', async () => {
  const objects = readRendered('production')
  const [set] = ofKind(objects, 'StatefulSet')
  ;(set?.spec as { replicas: unknown }).replicas = 'three'
  expect(await schemaErrors(objects)).toEqual([expect.stringContaining('replicas')])
})

it('a field that is missing is found', async () => {
  const objects = readRendered('production')
  delete (ofKind(objects, 'StatefulSet')[0]?.spec as { selector?: unknown }).selector
  expect(await schemaErrors(objects)).toEqual([expect.stringContaining('selector')])
})

it('fields with a typing error are found, at any depth', () => {
  const objects = readRendered('production')
  const pod = running(objects, 'redis')[0]?.pod as unknown as Record<string, unknown> & {
    containers: Record<string, object>[]
  }
  pod['terminationGracePeriodSecond'] = 60
  Object.assign(
    running(objects, 'sentinel')[0]?.pod.containers[0]?.readinessProbe ??
      running(objects, 'sentinel')[0]?.pod.containers[1]?.readinessProbe ??
      {},
    { periodSecond: 1 }
  )
  Object.assign(ofKind(objects, 'ServiceMonitor')[0]?.spec ?? {}, { endpoint: [] })
  const found = typeErrors(objects)
  for (const word of ['terminationGracePeriodSecond', 'periodSecond', 'endpoint']) {
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`'"${word}"'`)))
  }
})
