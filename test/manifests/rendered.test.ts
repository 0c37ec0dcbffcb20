import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasKubectl, render, renderedFile, TARGETS } from '../../scripts/lib/k8s-targets.mjs'
import { ROOT } from './support/objects.js'

describe.each(TARGETS)('k8s/%s', (target) => {
  it('is rendered as committed, without a warning', ({ skip }) => {
    skip(!hasKubectl(), 'kubectl is not there, and it is what renders')
    const { text, warnings } = render(target)
    expect(warnings).toBe('')
    expect(readFileSync(join(ROOT, renderedFile(target)), 'utf8')).toBe(text)
  })
})

it('nothing else lies in k8s/rendered', () => {
  const files = readdirSync(join(ROOT, 'k8s/rendered')).map((name) => `k8s/rendered/${name}`)
  expect(files.toSorted()).toEqual(TARGETS.map(renderedFile).toSorted())
})
