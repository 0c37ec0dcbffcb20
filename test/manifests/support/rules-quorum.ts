import { configFile, directive, type KubernetesObject, running, setting, title } from './objects.js'

const podsOf = (objects: readonly KubernetesObject[], kind: string): number =>
  running(objects, kind).reduce((sum, { owner }) => sum + ((owner.spec as { replicas?: number }).replicas ?? 1), 0)

/** More than half, of as many as there are. */
export function quorum(objects: readonly KubernetesObject[]): string[] {
  return [...running(objects, 'redis'), ...running(objects, 'sentinel')].flatMap((workload) => {
    const read = (key: string): number => Number(setting(objects, workload, key))
    const sentinels = podsOf(objects, 'sentinel')
    const wanted = {
      SENTINELS: sentinels,
      // The sentinels do not need it, and are not rolled when it changes.
      ...(workload.pod.containers.some(({ name }) => name === 'redis') && { REDIS_NODES: podsOf(objects, 'redis') }),
      QUORUM: Math.floor(sentinels / 2) + 1
    }
    return Object.entries(wanted)
      .filter(([key, value]) => read(key) !== value)
      .map(([key, value]) => `${title(workload.owner)}: ${key} is ${read(key)}, and should be ${value}`)
  })
}

/** What group.conf says of a time, at each kind of sentinel, in milliseconds. */
const toldBy = (objects: readonly KubernetesObject[], name: string): readonly number[] =>
  running(objects, 'sentinel').map((workload) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(configFile(objects, workload, 'group.conf') ?? '')?.[1])
  )

/** Sentinels hear nothing of the primary while the last replicas have writes wait there. */
export function parting(objects: readonly KubernetesObject[]): string[] {
  const downAfter = toldBy(objects, 'down-after-milliseconds')
  return running(objects, 'redis').flatMap((workload) => {
    const ms = Number(setting(objects, workload, 'PARTING_MS'))
    return downAfter.every((limit) => ms < limit)
      ? []
      : [`${title(workload.owner)}: PARTING_MS is ${ms}, and down-after ${downAfter.join(', ')} ms`]
  })
}

/** The hook keeps writes paused for as long as a sentinel that is silent may still promote somebody. */
export function patience(objects: readonly KubernetesObject[]): string[] {
  const timeouts = toldBy(objects, 'failover-timeout')
  return running(objects, 'redis').flatMap((workload) => {
    const seconds = Number(setting(objects, workload, 'FAILOVER_SECONDS'))
    return timeouts.every((ms) => ms === seconds * 1000)
      ? []
      : [`${title(workload.owner)}: FAILOVER_SECONDS is ${seconds}, and failover-timeout ${timeouts.join(', ')} ms`]
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
    const max = directive(objects, workload, 'maxmemory')
    const limit = workload.pod.containers.find(({ name }) => name === 'redis')?.resources?.limits?.['memory']
    const share = bytes(max) / bytes(limit)
    return share > 0.6 && share <= 0.66 ? [] : [`${title(workload.owner)}: maxmemory ${max} of a limit of ${limit}`]
  })
}

/** Seconds after which a primary without a replica refuses writes: more would be lost, less would refuse them for a slow moment. */
const LAG = { least: 5, most: 10 }

/**
 * A primary that is cut off together with a client would acknowledge for as long as that lasts what will be lost. With one replica
 * that bound would stop the writes at each of its restarts, so there it must be said that there is none.
 */
export function boundedLoss(objects: readonly KubernetesObject[]): string[] {
  const replicas = podsOf(objects, 'redis') - 1
  return running(objects, 'redis').flatMap((workload) => {
    const read = (key: string): number => Number(directive(objects, workload, key))
    const [needed, lag] = [read('min-replicas-to-write'), read('min-replicas-max-lag')]
    const who = title(workload.owner)
    if (replicas < 2)
      return needed === 0 ? [] : [`${who}: the primary needs ${needed} replicas to write, and may have ${replicas}`]
    return [
      ...(needed >= 1 && needed < replicas
        ? []
        : [`${who}: the primary needs ${needed} replicas to write, of ${replicas} that there are`]),
      ...(lag >= LAG.least && lag <= LAG.most
        ? []
        : [`${who}: a primary that is cut off refuses writes after ${lag} s`])
    ]
  })
}
