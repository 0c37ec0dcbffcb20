import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { IMAGE_PATH, makeRoot } from '../../kubernetes/harness/runtime/root-filesystem.js'
import { type KubernetesObject, ofKind, readRendered, running } from './objects.js'

/** The shells of the upstream images, each with the small programs that come with it: Debian's and Alpine's. */
export const IMAGES = [
  { image: 'Debian', shell: 'dash' },
  { image: 'Alpine', shell: 'busybox ash' }
] as const

export interface ScriptPod {
  readonly set: 'redis' | 'sentinel'
  readonly shell: (typeof IMAGES)[number]['shell']
  readonly overlay: string
  /** Files of its ConfigMap that are left out. */
  readonly without?: readonly string[]
  /** The files of the Secret redis-auth. */
  readonly secrets: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** What is done in it, in sh. `$SH` is the image's shell, and `until_ok COMMAND` tries for a minute, as long as the
   * last command in the background runs. */
  readonly script: string
}

const domain = (set: string): string => `${set}-0.${set}-headless.redis.svc.cluster.local`

/** Nobody is there to wait for. */
const IMPATIENT = 'DECISION_SECONDS=0\nSETTLE_SECONDS=0\nFIRST_READY_SECONDS=0\n'

const BEGIN = `
until_ok() {
  limit=$(($(date +%s) + 60))
  until "$@"; do
    kill -0 $! 2> /dev/null && [ "$(date +%s)" -lt "$limit" ] || { echo "not ok: $*"; tail -n 20 /tmp/log; exit 1; }
    sleep 0.1
  done
}
`

/** Skips a test, with the reason, where no scripts can be run. */
export function needsScriptPod(context: TestContext): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    context.skip('scripts are run at their paths in a mount and a network namespace, which needs Linux and root')
}

/**
 * Runs the scripts of a set as its pod would: at /config as rendered, with /auth, /data and /runtime, and alone in a network. When the
 * script ends, all that it has started ends too.
 */
export function runInPod({ set, shell, overlay, without = [], secrets, env = {}, script }: ScriptPod): {
  code: number
  /** What the script wrote to its standard output. */
  output: string
  errors: string
} {
  const folder = mkdtempSync(join(tmpdir(), 'script-pod-'))
  try {
    const write = (name: string, files: Readonly<Record<string, string>>): void => {
      mkdirSync(join(folder, name))
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
    }
    const config = Object.entries(configOf(readRendered(overlay), set)).filter(([file]) => !without.includes(file))
    write('config', { ...Object.fromEntries(config), 'overlay.env': IMPATIENT })
    write('auth', secrets)
    for (const name of ['data', 'runtime', 'busybox']) mkdirSync(join(folder, name))
    if (shell === 'busybox ash') linkApplets(join(folder, 'busybox'))
    const root = join(folder, 'root')
    const names = (['redis', 'sentinel'] as const).flatMap((each) => [domain(each), `${domain(each)}.`]).join(' ')
    const binds = ['config', 'auth', 'data', 'runtime', 'busybox'].map((name) => ({
      source: join(folder, name),
      target: `/${name}`
    }))
    writeFileSync(`${root}.fstab`, makeRoot(root, { hostname: names, address: '127.0.0.1', resolvConf: '' }, binds))
    const enter = 'ip link set lo up && mount --all --fstab "$0.fstab" && exec chroot "$0" sh -c "$1"'
    const { status, stdout, stderr, error } = spawnSync(
      'unshare',
      ['--mount', '--net', '--pid', '--fork', '--kill-child', '--', 'sh', '-c', enter, root, BEGIN + script],
      {
        encoding: 'utf8',
        env: {
          PATH: shell === 'busybox ash' ? `/busybox:${IMAGE_PATH}` : IMAGE_PATH,
          SH: shell,
          POD_HOST: `${set}-0`,
          POD_NAMESPACE: 'redis',
          POD_IP: '127.0.0.1',
          ...env
        }
      }
    )
    if (error !== undefined) throw error
    return { code: status ?? -1, output: stdout, errors: stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function configOf(objects: readonly KubernetesObject[], set: string): Readonly<Record<string, string>> {
  const volume = running(objects, set)[0]?.pod.volumes?.find(({ name }) => name === 'config')?.configMap
  const { name } = volume as { name: string }
  return ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === name)?.data ?? {}
}

/** As in Alpine: sed, awk, timeout and all else are busybox too. */
function linkApplets(folder: string): void {
  const { stdout, error } = spawnSync('busybox', ['--list'], { encoding: 'utf8' })
  if (error !== undefined)
    throw new Error('busybox is what these tests need: apt-get install busybox', { cause: error })
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox'))
    symlinkSync('/usr/bin/busybox', join(folder, applet))
}
