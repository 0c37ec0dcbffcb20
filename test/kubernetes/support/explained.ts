import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../harness/cluster.js'

/**
 * A failure without what the cluster did would have to be guessed at. What each container said goes to the folder that
 * KUBERNETES_LOGS names, if it names one.
 */
export function explained(error: unknown, cluster: Cluster, test: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  const logs = process.env['KUBERNETES_LOGS'] ?? ''
  if (logs !== '') {
    const folder = join(logs, `${test.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${Date.now()}`)
    cpSync(join(cluster.directory, 'logs'), folder, { recursive: true })
    writeFileSync(join(folder, 'events'), [message, ...cluster.events.lines, ''].join('\n'))
  }
  return new Error([message, '--- events', ...cluster.events.lines].join('\n'), { cause: error })
}
