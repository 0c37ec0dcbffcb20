import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasKubectl } from '../../scripts/lib/k8s-targets.mjs'
import { ofKind, readRendered, ROOT, running, setting, workloads } from './support/objects.js'
import { renderOwn } from './support/own-overlay.js'
import { clientsFit } from './support/rules-clients.js'
import { type PolicySpec, specOf } from './support/rules-network.js'
import { PRODUCTION_RULES, RULES } from './support/rules.js'

const needsKubectl = (skip: (condition: boolean, reason: string) => void): void => {
  skip(!hasKubectl(), 'kubectl is not there, and it is what renders')
}

const podTemplate = (objects: ReturnType<typeof readRendered>, name: string): unknown =>
  (ofKind(objects, 'StatefulSet').find(({ metadata }) => metadata.name === name)?.spec as { template: unknown })
    .template

/** The block of yaml in docs/kubernetes.md that holds these words: what a reader would copy. */
function documented(words: string): string {
  const text = readFileSync(join(ROOT, 'docs/kubernetes.md'), 'utf8')
  const found = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  return found.find((block) => block.includes(words)) ?? expect.fail(`no block has ${words}`)
}

const ofProduction = (block: string): Record<string, string> => ({
  'kustomization.yaml': `namespace: redis\nresources: [K8S/overlays/production]\n${block}`
})

const own = (block: string): string => `namespace: redis\nresources: [K8S/overlays/statefulset]\n${block}`

describe('as docs/kubernetes.md has it', () => {
  it('five redis pods roll the redis pods and not the sentinels', ({ skip }) => {
    needsKubectl(skip)
    const files = { 'overlay.env': 'REDIS_NODES=5\n', 'kustomization.yaml': own(documented('count: 5')) }
    const [before, after] = [readRendered('statefulset'), renderOwn(files)]
    expect(podTemplate(after, 'sentinel')).toEqual(podTemplate(before, 'sentinel'))
    expect(podTemplate(after, 'redis')).not.toEqual(podTemplate(before, 'redis'))
    expect(running(after, 'sentinel').map((workload) => setting(after, workload, 'REDIS_NODES'))).toEqual([undefined])
    expect(RULES['quorum']?.(after)).toEqual([])
  })

  it('another image rolls the redis pods and not the sentinels', ({ skip }) => {
    needsKubectl(skip)
    const before = readRendered('valkey')
    const files = { 'kustomization.yaml': own(documented('/containers/0/image')).replace('statefulset', 'valkey') }
    const after = renderOwn(files)
    expect(podTemplate(after, 'sentinel')).toEqual(podTemplate(before, 'sentinel'))
    expect(podTemplate(after, 'redis')).not.toEqual(podTemplate(before, 'redis'))
  })

  it('a policy lets pods ask the DNS of OpenShift', ({ skip }) => {
    needsKubectl(skip)
    const objects = renderOwn({
      'dns.yaml': documented('openshift-dns'),
      'kustomization.yaml':
        'resources: [K8S/overlays/production]\npatches: [{ target: { kind: NetworkPolicy, name: allow-dns }, path: dns.yaml }]\n'
    })
    const policy = ofKind(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'allow-dns')
    expect(JSON.stringify(policy?.spec)).toContain('5353')
    expect(PRODUCTION_RULES['what has to talk may talk']?.(objects)).toEqual([])
  })

  it('a patch lets in the clients of another namespace, and nobody else of it', ({ skip }) => {
    needsKubectl(skip)
    const policies = ofKind(renderOwn(ofProduction(documented('metadata.name: shop'))), 'NetworkPolicy')
    const shop = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
      podSelector: { matchLabels: { 'redis-client': 'true' } }
    }
    const open = policies.flatMap((policy) =>
      (specOf<PolicySpec>(policy).ingress ?? [])
        .filter(({ from }) => JSON.stringify(from).includes('shop'))
        .map(({ from, ports }) => ({ policy: policy.metadata.name, from: from?.at(-1), ports }))
    )
    expect(open).toEqual([
      { policy: 'redis', from: shop, ports: [{ protocol: 'TCP', port: 6379 }] },
      { policy: 'sentinel', from: shop, ports: [{ protocol: 'TCP', port: 26379 }] }
    ])
  })

  it('a label for kube-prometheus-stack is on monitors and rules, and rolls nothing', ({ skip }) => {
    needsKubectl(skip)
    const objects = renderOwn(ofProduction(documented('release: ')))
    const monitoring = objects.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'))
    expect(monitoring.map(({ kind }) => kind).toSorted()).toEqual([
      'PodMonitor',
      'PrometheusRule',
      'ServiceMonitor',
      'ServiceMonitor'
    ])
    for (const { metadata } of monitoring) expect(metadata.labels).toHaveProperty('release', 'kube-prometheus-stack')
    const specs = (of: ReturnType<typeof readRendered>): unknown[] => ofKind(of, 'StatefulSet').map(({ spec }) => spec)
    expect(specs(objects)).toEqual(specs(readRendered('production')))
  })

  it('the labeller of primary-service runs in production', ({ skip }) => {
    needsKubectl(skip)
    const objects = renderOwn(
      ofProduction(`components: [K8S/components/primary-service]\n${documented('name: label-primary')}`)
    )
    const labeller = objects.filter(({ kind }) => kind === 'Deployment')
    // The authority is a file that its command makes, of the API server's and of this one.
    expect(clientsFit(labeller, objects)).toEqual([
      'Deployment label-primary: /tmp/ca.crt is not what the pods have there'
    ])
    expect(JSON.stringify(workloads(labeller)[0]?.pod.containers[0]?.command)).toContain('cat /tls/ca.crt /var/run/')
    expect(Object.values({ ...RULES, ...PRODUCTION_RULES }).flatMap((rule) => rule(objects))).toEqual([])
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
