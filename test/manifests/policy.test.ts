import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { MUTATIONS } from './support/mutations.js'
import { type KubernetesObject, ofKind, OVERLAYS, readRendered, RENDERED, ROOT } from './support/objects.js'
import { PRODUCTION_RULES, type Rule, RULES } from './support/rules.js'

/** These need a topology around them. */
const OF_OVERLAYS = new Set([
  'quorum',
  'decisions outlast the DNS',
  'the hook outlasts a failover',
  'the last replicas part before they are missed',
  'memory below the limit',
  'bounded loss',
  'names of Services and pods'
])
const ALL_RULES: Readonly<Record<string, Rule>> = { ...RULES, ...PRODUCTION_RULES }

describe.each(RENDERED)('k8s/rendered/%s.yaml', (name) => {
  const objects = readRendered(name)
  const applicable = Object.entries(RULES).filter(([rule]) => OVERLAYS.includes(name) || !OF_OVERLAYS.has(rule))

  it.each(applicable)('%s', (_, rule) => {
    expect(rule(objects)).toEqual([])
  })
})

describe('k8s/rendered/production.yaml besides', () => {
  it.each(Object.entries(PRODUCTION_RULES))('%s', (_, rule) => {
    expect(rule(readRendered('production'))).toEqual([])
  })
})

it('the namespace of production is a file of its own, with the same name, and enforces restricted', () => {
  const namespace = parse(
    readFileSync(join(ROOT, 'k8s/overlays/production/namespace.yaml'), 'utf8')
  ) as KubernetesObject
  const [service] = ofKind(readRendered('production'), 'Service')
  expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: service?.metadata.namespace } })
  expect(RULES['the namespace enforces restricted']?.([namespace])).toEqual([])
})

describe('each rule finds what it is for', () => {
  it('and none is without a proof', () => {
    expect(Object.keys(ALL_RULES).filter((rule) => !MUTATIONS.some((mutation) => mutation.rule === rule))).toEqual([])
  })

  it.each(MUTATIONS)('$rule: $what', ({ rule, overlay = 'production', mutate, found }) => {
    const objects = readRendered(overlay)
    mutate(objects)
    expect(ALL_RULES[rule]?.(objects)).toEqual(expect.arrayContaining([expect.stringMatching(found)]))
  })
})
