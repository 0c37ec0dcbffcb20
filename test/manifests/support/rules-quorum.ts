import { configFile, type KubernetesObject, running, setting, title } from './objects.js'

/** More than half, of as many as there are. */
export function quorum(objects: readonly KubernetesObject[]): string[] {
  const pods = (kind: string): number =>
    running(objects, kind).reduce((sum, { owner }) => sum + ((owner.spec as { replicas?: number }).replicas ?? 1), 0)
  return [...running(objects, 'redis'), ...running(objects, 'sentinel')].flatMap((workload) => {
    const read = (key: string): number => Number(setting(objects, workload, key))
    const sentinels = pods('sentinel')
    const wanted = { SENTINELS: sentinels, REDIS_NODES: pods('redis'), QUORUM: Math.floor(sentinels / 2) + 1 }
    return Object.entries(wanted)
      .filter(([key, value]) => read(key) !== value)
      .map(([key, value]) => `${title(workload.owner)}: ${key} is ${read(key)}, and should be ${value}`)
  })
}

/** Cluster DNS keeps an answer for 30 s, in the server and in its cache: 60 s may pass before a pod is found. */
export function decisions(objects: readonly KubernetesObject[]): string[] {
  return running(objects, 'redis').flatMap((workload) => {
    const read = (key: string): number => Number(setting(objects, workload, key))
    const probe = workload.pod.containers.find(({ name }) => name === 'redis')?.startupProbe
    const startup = (probe?.periodSeconds ?? 10) * (probe?.failureThreshold ?? 3)
    return [
      ...(read('DECISION_SECONDS') > 60
        ? []
        : [`${title(workload.owner)}: decides after ${read('DECISION_SECONDS')} s`]),
      ...(read('FIRST_READY_SECONDS') > 60
        ? []
        : [`${title(workload.owner)}: Ready unseen after ${read('FIRST_READY_SECONDS')} s`]),
      ...(startup >= 4 * read('DECISION_SECONDS')
        ? []
        : [`${title(workload.owner)}: the startup probe gives up after ${startup} s`])
    ]
  })
}

const UNITS: Readonly<Record<string, number>> = { Mi: 2 ** 20, Gi: 2 ** 30, mb: 2 ** 20, gb: 2 ** 30 }

const bytes = (text: string | undefined): number => {
  const [, number, unit = ''] = /^(\d+)(Mi|Gi|mb|gb)$/.exec(text ?? '') ?? []
  return Number(number) * (UNITS[unit] ?? Number.NaN)
}

/** Copy-on-write and the buffers of replicas need a third of the memory. */
export function maxmemory(objects: readonly KubernetesObject[]): string[] {
  return running(objects, 'redis').flatMap((workload) => {
    const files = ['redis.conf', 'redis-production.conf'].map((file) => configFile(objects, workload, file) ?? '')
    const max = files
      .join('\n')
      .split('\n')
      .findLast((line) => line.startsWith('maxmemory '))
      ?.slice('maxmemory '.length)
    const limit = workload.pod.containers.find(({ name }) => name === 'redis')?.resources?.limits?.['memory']
    const share = bytes(max) / bytes(limit)
    return share > 0.6 && share <= 0.66 ? [] : [`${title(workload.owner)}: maxmemory ${max} of a limit of ${limit}`]
  })
}
