import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { KubernetesObject } from '../manifests/objects.js'
import type { Call } from './call.js'

/** What a file holds that a flag names; `-` and /dev/stdin are the standard input. */
export async function textOf({ cwd, input }: Call, file: string): Promise<string> {
  if (file !== '/dev/stdin' && file !== '-') return readFileSync(resolve(cwd, file), 'utf8')
  const chunks: Buffer[] = []
  for await (const chunk of input()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** A Namespace is the one that all else is in from then on. */
export function inItsNamespace(object: KubernetesObject): KubernetesObject {
  const { kind, metadata } = object
  return kind === 'Namespace' ? { ...object, metadata: { ...metadata, namespace: metadata.name } } : object
}
