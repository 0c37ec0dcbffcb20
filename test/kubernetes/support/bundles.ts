import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ConfigMap } from '../harness/manifests/objects.js'

const SCRIPT = fileURLToPath(new URL('../../../scripts/k8s-bundle.mjs', import.meta.url))

/** What `npm run k8s:bundle` and `kubectl create configmap` make of examples: the code that their pods run. */
export async function bundled(namespace: string, ...programs: readonly string[]): Promise<readonly ConfigMap[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-bundles-'))
  try {
    await promisify(execFile)(process.execPath, [SCRIPT, folder])
    return programs.map((program) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `example-${program}`, namespace },
      data: { [`${program}.mjs`]: readFileSync(join(folder, `${program}.mjs`), 'utf8') }
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
