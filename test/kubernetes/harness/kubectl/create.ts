import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import type { ConfigMap, CronJob, Job, KubernetesObject, Secret } from '../manifests/objects.js'
import type { Call } from './call.js'
import { inItsNamespace, textOf } from './input.js'
import { targetOf, titleOf } from './targets.js'

export function createNamespace(call: Call, name: string): void {
  create(call, inItsNamespace({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
}

/** @param onlyPrinted `--dry-run=client -o yaml` */
export function createConfigMap(call: Call, name: string, sources: readonly string[], onlyPrinted: boolean): void {
  const files = filesOf(call.cwd, sources)
  const data = Object.fromEntries(files.map(([key, content]) => [key, content.toString('utf8')]))
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(call, name), data } as ConfigMap
  if (onlyPrinted) call.out(stringify(map))
  else create(call, map)
}

export function createSecret(call: Call, name: string, sources: readonly string[]): void {
  const files = filesOf(call.cwd, sources)
  const data = Object.fromEntries(files.map(([key, content]) => [key, content.toString('base64')]))
  create(call, { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(call, name), data } as Secret)
}

/** `create job --from=cronjob/…`: what the CronJob would make when its time comes. */
export function createJob(call: Call, name: string, from: string): void {
  const source = targetOf(from)
  if (source.kind !== 'CronJob') throw new Error(`--from=${from}: cronjob/NAME is meant`)
  const { spec } = call.cluster.objects.get<CronJob>('CronJob', source.name)
  create(call, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(call, name),
    spec: spec.jobTemplate.spec
  } as Job)
}

/** `patch secret --patch-file`: the keys of `data` that it has take their new values. */
export async function patchSecret(call: Call, name: string, file: string): Promise<void> {
  const { cluster, out } = call
  const { data, ...other } = JSON.parse(await textOf(call, file)) as Pick<Secret, 'data'>
  if (Object.keys(other).length > 0 || data === undefined)
    throw new Error(`the patch has ${Object.keys(other).join(', ') || 'nothing'}: only "data" is known here`)
  const { stringData: _, ...secret } = cluster.objects.get<Secret>('Secret', name)
  const old = Object.entries(cluster.objects.secret(name) ?? {}).map(([key, value]) => [key, value.toString('base64')])
  const patched: Secret = { ...secret, data: { ...(Object.fromEntries(old) as Secret['data']), ...data } }
  cluster.apply([patched])
  out(`${titleOf(patched)} patched\n`)
}

function create({ cluster, out }: Call, object: KubernetesObject): void {
  const { kind, metadata } = object
  if (cluster.objects.find(kind, metadata.name) !== undefined)
    throw new Error(`${kind} ${metadata.name} is there already`)
  cluster.apply([object])
  out(`${titleOf(object)} created\n`)
}

const metadataOf = ({ cluster }: Call, name: string): KubernetesObject['metadata'] => ({
  name,
  namespace: cluster.namespace
})

/** `--from-file=key=file`, `=file`, or a folder, of which each file is taken. */
function filesOf(cwd: string, sources: readonly string[]): readonly (readonly [string, Buffer])[] {
  return sources.flatMap((source) => {
    const [first = '', second] = source.split('=')
    const path = resolve(cwd, second ?? first)
    if (second === undefined && statSync(path).isDirectory())
      return readdirSync(path).map((name) => [name, readFileSync(join(path, name))] as const)
    return [[second === undefined ? basename(path) : first, readFileSync(path)] as const]
  })
}
