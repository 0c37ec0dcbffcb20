import { describe, expect, it } from 'vitest'
import { reconcileStatefulSet } from '../../kubernetes/harness/control/stateful-set.js'
import { revisionOf } from '../../kubernetes/harness/control/revision.js'
import { chooseNode } from '../../kubernetes/harness/control/scheduler.js'
import { whyNotEvict } from '../../kubernetes/harness/control/eviction.js'
import type { Pod } from '../../kubernetes/harness/kubelet/pod.js'
import type { PodDisruptionBudget, PodTemplate, StatefulSet } from '../../kubernetes/harness/manifests/objects.js'
import { quantity } from '../../kubernetes/harness/manifests/quantity.js'
import { expand } from '../../kubernetes/harness/runtime/environment.js'
import { resolvConf } from '../../kubernetes/harness/runtime/resolv-conf.js'

const template: PodTemplate = { metadata: { labels: { app: 'redis' } }, spec: { containers: [] } }

const set = (replicas: number, podManagementPolicy: string): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'redis' },
  spec: { replicas, podManagementPolicy, selector: {}, template }
})

interface State {
  readonly number: number
  readonly ready?: boolean
  readonly old?: boolean
  readonly terminating?: boolean
  readonly node?: number
}

// The controllers look at these fields of a pod and at no others.
const pod = ({ number, ready = true, old = false, terminating = false, node = 1 }: State): Pod =>
  ({
    name: `redis-${number}`,
    ready,
    terminating,
    setup: { labels: { app: 'redis' }, node, revision: old ? 'old' : revisionOf(template) }
  }) as unknown as Pod

function look(object: StatefulSet, states: readonly State[]): { made: string[]; ended: string[] } {
  const made: string[] = []
  const ended: string[] = []
  reconcileStatefulSet(object, {
    owned: () => states.map(pod),
    create: ({ name }) => made.push(name),
    remove: ({ name }) => ended.push(name),
    removeClaim: () => undefined
  })
  return { made, ended }
}

describe('the StatefulSet controller', () => {
  it('makes all at once with Parallel, one with OrderedReady', () => {
    expect(look(set(3, 'Parallel'), []).made).toEqual(['redis-0', 'redis-1', 'redis-2'])
    expect(look(set(3, 'OrderedReady'), []).made).toEqual(['redis-0'])
    expect(look(set(3, 'OrderedReady'), [{ number: 0, ready: false }]).made).toEqual([])
    expect(look(set(3, 'OrderedReady'), [{ number: 0 }]).made).toEqual(['redis-1'])
  })

  it('ends what is too much, the highest number first', () => {
    const four = [0, 1, 2, 3].map((number) => ({ number }))
    expect(look(set(2, 'Parallel'), four).ended).toEqual(['redis-3', 'redis-2'])
    expect(look(set(2, 'OrderedReady'), four).ended).toEqual(['redis-3'])
  })

  it('replaces one old pod at a time, from the highest number, and waits until what is above is Ready', () => {
    const old = [0, 1, 2].map((number) => ({ number, old: true }))
    expect(look(set(3, 'Parallel'), old).ended).toEqual(['redis-2'])
    const [first = { number: 0 }, second = { number: 1 }] = old
    expect(look(set(3, 'Parallel'), [first, second, { number: 2, ready: false }]).ended).toEqual([])
    expect(look(set(3, 'Parallel'), [first, second, { number: 2 }]).ended).toEqual(['redis-1'])
    expect(look(set(3, 'Parallel'), [first, second, { number: 2, old: true, terminating: true }]).ended).toEqual([])
  })
})

describe('the scheduler', () => {
  const term = { labelSelector: { matchLabels: { app: 'redis' } }, topologyKey: 'kubernetes.io/hostname' }
  const spec = {
    containers: [],
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
  }
  const wanted = { labels: { app: 'redis' }, spec }
  const taken = [1, 2].map((node) => pod({ number: node, node }))

  it('obeys anti-affinity, the binding of claims, and closed nodes', () => {
    expect(chooseNode(wanted, taken, { count: 3, closed: new Set() }, undefined)).toBe(3)
    expect(chooseNode(wanted, taken, { count: 3, closed: new Set([3]) }, undefined)).toBeUndefined()
    expect(chooseNode(wanted, taken, { count: 3, closed: new Set() }, 1)).toBeUndefined()
    expect(chooseNode(wanted, [], { count: 3, closed: new Set() }, 2)).toBe(2)
  })
})

describe('eviction', () => {
  const budget: PodDisruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'redis' },
    spec: { selector: { matchLabels: { app: 'redis' } }, maxUnavailable: 1 }
  }
  const ask = (states: readonly State[], change: object = {}): string | undefined => {
    const pods = states.map(pod)
    const [first] = pods
    if (first === undefined) throw new Error('there is nobody to evict')
    return whyNotEvict(first, pods, [{ ...budget, spec: { ...budget.spec, ...change } }], () => 3)
  }

  it('is refused when too few would stay healthy', () => {
    expect(ask([{ number: 0 }, { number: 1 }, { number: 2 }])).toBeUndefined()
    expect(ask([{ number: 0 }, { number: 1 }, { number: 2, ready: false }])).toContain('2 are healthy')
  })

  it('of one that is not Ready is always allowed with AlwaysAllow', () => {
    const states = [{ number: 0, ready: false }, { number: 1 }, { number: 2, ready: false }]
    expect(ask(states)).toContain('1 are healthy')
    expect(ask(states, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })).toBeUndefined()
  })
})

describe('what a container sees', () => {
  it('expands $(NAME), leaves what is unknown, and $$ escapes', () => {
    expect(expand('$(A)-$(B)-$$(A)', { A: '1' })).toBe('1-$(B)-$(A)')
  })

  it('reads quantities', () => {
    expect([quantity('256Mi'), quantity('500m'), quantity('2')]).toEqual([268_435_456, 0.5, 2])
    expect(() => quantity('much')).toThrow('is not a quantity')
  })

  it('has the search list of the cluster, and its own options over ndots 5', () => {
    const text = resolvConf({ containers: [], dnsConfig: { options: [{ name: 'ndots', value: '1' }] } }, 'redis')
    expect(text).toBe(
      'nameserver 10.96.0.10\nsearch redis.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:1\n'
    )
  })
})
