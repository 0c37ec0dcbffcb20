import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasKubectl } from '../../scripts/lib/k8s-targets.mjs'
import { ofKind, readRendered, ROOT, running, setting } from './support/objects.js'
import { renderOwn } from './support/own-overlay.js'
import { PRODUCTION_RULES, RULES } from './support/rules.js'

const needsKubectl = (skip: (condition: boolean, reason: string) => void): void => {
  skip(!hasKubectl(), 'kubectl is not there, and it is what renders')
}

const podTemplate = (objects: ReturnType<typeof readRendered>, name: string): unknown =>
  (ofKind(objects, 'StatefulSet').find(({ metadata }) => metadata.name === name)?.spec as { template: unknown })
    .template

describe('an overlay with five redis pods, as docs/kubernetes.md has it', () => {
  const files = {
    'overlay.env': 'REDIS_NODES=5\n',
    'kustomization.yaml': `namespace: redis
resources: [K8S/overlays/statefulset]
configMapGenerator:
  - { name: redis-config, behavior: merge, files: [overlay.env] }
replicas:
  - { name: redis, count: 5 }
`
  }

  it('rolls the redis pods and not the sentinels', ({ skip }) => {
    needsKubectl(skip)
    const [before, after] = [readRendered('statefulset'), renderOwn(files)]
    expect(podTemplate(after, 'sentinel')).toEqual(podTemplate(before, 'sentinel'))
    expect(podTemplate(after, 'redis')).not.toEqual(podTemplate(before, 'redis'))
    expect(running(after, 'sentinel').map((workload) => setting(after, workload, 'REDIS_NODES'))).toEqual([undefined])
    expect(RULES['quorum']?.(after)).toEqual([])
  })
})

describe('a copy of the production overlay in another namespace', () => {
  it('keeps every rule, the names of the certificate too', ({ skip }) => {
    needsKubectl(skip)
    const production = join(ROOT, 'k8s/overlays/production')
    const files = Object.fromEntries(
      readdirSync(production).map((name) => [
        name,
        readFileSync(join(production, name), 'utf8').replaceAll('../../', 'K8S/')
      ])
    )
    const objects = renderOwn({
      ...files,
      'kustomization.yaml': (files['kustomization.yaml'] ?? '').replace('namespace: redis', 'namespace: shop')
    })
    expect(new Set(ofKind(objects, 'Service').map(({ metadata }) => metadata.namespace))).toEqual(new Set(['shop']))
    const found = Object.values({ ...RULES, ...PRODUCTION_RULES }).flatMap((rule) => rule(objects))
    expect(found).toEqual([])
  })
})
