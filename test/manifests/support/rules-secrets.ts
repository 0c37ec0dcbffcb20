import { containers, type KubernetesObject, ofKind, title, workloads } from './objects.js'

/** Everyone who may list processes or read a pod's description sees these. */
export function noSecretInTheOpen(objects: readonly KubernetesObject[]): string[] {
  const inPods = workloads(objects).flatMap((workload) =>
    containers(workload).flatMap(({ name, env = [], command = [], args = [] }) => {
      const variables = env
        .filter(
          ({ name: key, value }) =>
            value !== undefined && /password|secret|auth|token/i.test(key) && !key.endsWith('_FILE')
        )
        .map(({ name: key }) => `the value of ${key} is written out`)
      const words = [...command, ...args]
        .filter(
          (word, index, all) =>
            /^(-a|--pass|--password)$/.test(word) || /:[^/@]+@/.test(word) || all[index - 1] === '-a'
        )
        .map((word) => `its arguments hold ${word}`)
      return [...variables, ...words].map((found) => `${title(workload.owner)}, ${name}: ${found}`)
    })
  )
  const inScripts = ofKind(objects, 'ConfigMap').flatMap((object) =>
    Object.entries(object.data ?? {})
      .filter(([, text]) => /^\s*(requirepass|masterauth) [^$"]|-cli.* (-a|--pass) |^user \S+ on >/m.test(text))
      .map(([file]) => `${title(object)}: ${file} has a password, or gives one as an argument`)
  )
  return [...inPods, ...inScripts]
}

/** A committed Secret protects nothing. */
export function noSecretShipped(objects: readonly KubernetesObject[]): string[] {
  return ofKind(objects, 'Secret').map((object) => `${title(object)} is part of the overlay`)
}
