import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '../lib/say.mjs'
import { cachedFolder, NotToBeHad } from '../matrix/cache.js'
import { debianApt } from '../matrix/debian-apt.js'

const PACKAGES = ['prometheus', 'promtool', 'prometheus-redis-exporter']
const PROGRAMS = ['prometheus', 'promtool', 'prometheus-redis-exporter'] as const

export interface MonitoringPrograms {
  /** It holds prometheus, promtool and prometheus-redis-exporter. */
  readonly folder: string
  /** `prometheus 3.5.3, redis_exporter 1.86.0`, with what Debian has added to a number. */
  readonly versions: string
}

/**
 * Prometheus and redis_exporter of a release of Debian, unpacked but not installed.
 *
 * @throws NotToBeHad
 */
export async function prepareMonitoring(suite: string): Promise<MonitoringPrograms> {
  const folder = join(await cachedFolder(`monitoring-${suite}-${process.arch}`, fillFrom(suite)), 'root/usr/bin')
  const [prometheus, , exporter] = PROGRAMS.map((name) => versionOf(join(folder, name)))
  return { folder, versions: `prometheus ${prometheus}, redis_exporter ${exporter}` }
}

const fillFrom =
  (suite: string) =>
  (folder: string): Promise<void> => {
    const apt = debianApt(join(folder, 'apt'), suite)
    say(`fetching ${PACKAGES.join(', ')} of Debian ${suite} by apt-get …`)
    const archives = join(folder, 'archives')
    mkdirSync(archives)
    run('apt-get', [...apt, 'update'], archives)
    run('apt-get', [...apt, 'download', ...PACKAGES], archives)
    for (const file of readdirSync(archives)) run('dpkg-deb', ['--extract', file, join(folder, 'root')], archives)
    rmSync(archives, { recursive: true })
    rmSync(join(folder, 'apt'), { recursive: true })
    return Promise.resolve()
  }

/** In a folder, since `apt-get download` has no other way to say where to. */
function run(program: string, args: readonly string[], folder: string): void {
  const { status, signal } = spawnSync(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new NotToBeHad(`${program} ended with ${signal ?? `exit code ${status}`}, see above`)
}

/** The exporter says it on its standard error. */
function versionOf(path: string): string {
  const { stdout, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  const version = /(?:version|Exporter) (\d+\.\d+\.\d+\S*)/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1]
  if (version === undefined)
    throw new NotToBeHad(
      `${path} does not run here: ${error?.message ?? `${stderr}`.trim()}. --debian names another one`
    )
  return version
}
