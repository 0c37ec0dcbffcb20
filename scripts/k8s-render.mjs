/**
 * Writes k8s/rendered: what `kubectl kustomize` makes of each overlay, of the examples and of the drills.
 *
 *   npm run k8s:render             writes them
 *   npm run k8s:render -- --check  tells which differ from their sources, and ends with 1 if one does
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasKubectl, render, renderedFile, TARGETS } from './lib/k8s-targets.mjs'
import { ROOT } from './lib/root.mjs'

if (!hasKubectl()) {
  console.error(
    'kubectl is not there: it is what renders (kubectl kustomize), see https://kubernetes.io/docs/tasks/tools'
  )
  process.exit(1)
}
const check = process.argv.includes('--check')
for (const target of TARGETS) {
  const file = renderedFile(target)
  const { text, warnings } = render(target)
  if (warnings !== '') {
    console.error(`${target}: ${warnings}`)
    process.exitCode = 1
  }
  if (!check) writeFileSync(join(ROOT, file), text)
  else if (readFileSync(join(ROOT, file), 'utf8') !== text) {
    console.error(`${file} differs from k8s/${target}: npm run k8s:render`)
    process.exitCode = 1
  }
}
