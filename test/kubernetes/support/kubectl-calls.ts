import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Cluster } from '../harness/cluster.js'
import { rolloutStatus, scale } from '../harness/kubectl.js'
import type { PodSpec } from '../harness/manifests/objects.js'
import { readOverlay } from '../harness/manifests/read-manifests.js'

export interface KubectlAnswer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

const LIMIT_MS = 300_000

/** One call of kubectl, as far as the documents have it. @throws Error with what is not known here, or did not come to be. */
export async function kubectlCall(cluster: Cluster, words: readonly string[], input: Buffer): Promise<KubectlAnswer> {
  const end = words.indexOf('--')
  const [own, command] = end === -1 ? [words, []] : [words.slice(0, end), words.slice(end + 1)]
  const [verb = '', ...rest] = own.filter((word, at) => !['-n', '-i'].includes(word) && own[at - 1] !== '-n')
  const call = CALLS[verb]
  if (call === undefined) throw new Error(`the trial's kubectl has ${Object.keys(CALLS).join(', ')}, and not: ${verb}`)
  const answer = await call(cluster, rest, { command, input })
  return answer ?? { code: 0, stdout: Buffer.alloc(0), stderr: '' }
}

interface Exec {
  readonly command: readonly string[]
  readonly input: Buffer
}

type Call = (cluster: Cluster, words: readonly string[], exec: Exec) => Promise<KubectlAnswer | undefined>

const CALLS: Readonly<Record<string, Call>> = {
  exec: async (cluster, words, { command, input }) => {
    const {
      names: [name = ''],
      flags
    } = read(words, ['-c'])
    const container = cluster.pod(name).container(flags.get('-c'))
    const { code, stdout, stderr } = await container.execBytes(command, LIMIT_MS, input)
    return { code, stdout, stderr: stderr.toString() }
  },

  scale: async (cluster, words) => {
    const { names, flags } = read(words, ['--replicas'])
    for (const name of names) scale(cluster, of('statefulset', name), Number(flags.get('--replicas')))
    return undefined
  },

  rollout: async (cluster, [verb, ...words]) => {
    if (verb !== 'status') throw new Error(`of rollout the trial's kubectl has status, and not: ${verb}`)
    for (const name of read(words, ['--timeout']).names)
      await rolloutStatus(cluster, of('statefulset', name), { timeoutMs: LIMIT_MS })
    return undefined
  },

  get: async (cluster, words) => {
    const {
      names: [kind, name = '']
    } = read(words, [])
    if (kind !== 'pvc') throw new Error(`the trial's kubectl gets pvc, and not: ${kind}`)
    if (!cluster.claims.names.includes(name)) throw new Error(`persistentvolumeclaims "${name}" not found`)
    return { code: 0, stdout: Buffer.from(`${name}\n`), stderr: '' }
  },

  /** What is in use is deleted when it is not any more: kubectl waits for that. */
  delete: async (cluster, words) => {
    const {
      names: [kind, ...names]
    } = read(words, ['--ignore-not-found'])
    if (kind === 'pod') {
      await Promise.all(names.map((name) => cluster.deletePod(cluster.pod(name))))
    } else if (kind === 'pvc') {
      await untilNoPodOf(`uses ${names.join(', ')}`, cluster, (spec) =>
        names.some((name) => claimsOf(spec).includes(name))
      )
      for (const name of names) cluster.claims.remove(name)
    } else throw new Error(`the trial's kubectl deletes pod and pvc, and not: ${kind}`)
    return undefined
  },

  apply: async (cluster, words) => {
    const { flags } = read(words, ['-k'])
    cluster.apply(readOverlay((flags.get('-k') ?? '').replace(/^k8s\//, '')))
    return undefined
  },

  wait: async (cluster, words) => {
    const { names, flags } = read(words, ['--for', '--timeout'])
    const pods = names.map((name) => of('pod', name))
    const is = flags.get('--for')
    if (is === 'delete') {
      await waitUntil(`no pod ${pods.join(', ')}`, LIMIT_MS, async () => {
        const left = cluster.pods.filter(({ name }) => pods.includes(name))
        return left.length === 0 ? { done: undefined } : { notYet: left.join(', ') }
      })
    } else if (is === 'condition=Ready') {
      await waitUntil(`${pods.join(', ')} to be Ready`, LIMIT_MS, async () =>
        pods.every((name) => cluster.pod(name).ready) ? { done: undefined } : { notYet: 'not Ready' }
      )
    } else throw new Error(`the trial's kubectl waits for delete and condition=Ready, and not: ${is ?? ''}`)
    return undefined
  }
}

const claimsOf = ({ volumes = [] }: PodSpec): readonly string[] =>
  volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])

async function untilNoPodOf(what: string, cluster: Cluster, is: (spec: PodSpec) => boolean): Promise<void> {
  await waitUntil(`no pod ${what}`, LIMIT_MS, async () => {
    const left = cluster.pods.filter(({ setup }) => is(setup.spec))
    return left.length === 0 ? { done: undefined } : { notYet: left.join(', ') }
  })
}

/** `statefulset/redis` → `redis`. */
function of(kind: string, word: string): string {
  const [given, name] = word.split('/')
  if (given !== kind || name === undefined) throw new Error(`a ${kind} is ${kind}/NAME here, and not: ${word}`)
  return name
}

/** Flags as `--key=value` or `-c value`; one that is not known would be ignored. */
function read(
  words: readonly string[],
  known: readonly string[]
): { readonly names: readonly string[]; readonly flags: ReadonlyMap<string, string> } {
  const names: string[] = []
  const flags = new Map<string, string>()
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (!word.startsWith('-')) {
      names.push(word)
      continue
    }
    const [key = '', value] = word.split('=', 2)
    if (!known.includes(key)) throw new Error(`the trial's kubectl does not know ${key}`)
    flags.set(key, word.startsWith('--') ? word.slice(key.length + 1) : (words[(at += 1)] ?? value ?? ''))
  }
  return { names, flags }
}
