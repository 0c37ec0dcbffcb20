import {
  configFile,
  type Container,
  type KubernetesObject,
  ofKind,
  running,
  setting,
  title,
  workloads
} from './objects.js'
import type { Workload } from './objects.js'

/** The keys that the Secret redis-auth of an overlay has, or that its users have to give it. */
function secretKeys(overlay: readonly KubernetesObject[]): ReadonlySet<string> {
  const shipped = ofKind(overlay, 'Secret').find(({ metadata }) => metadata.name === 'redis-auth')
  if (shipped !== undefined) return new Set(Object.keys(shipped.data ?? {}))
  const acl = running(overlay, 'redis').map((workload) => configFile(overlay, workload, 'users.acl') ?? '')
  const users = [...acl.join('\n').matchAll(/^user (\S+) (?!off)/gm)].map(([, user = '']) => `user-${user}`)
  return new Set([...users, 'sentinel-password'])
}

/** What the scripts are told, and has to be the same in the drill's pod as in those that it asks. */
const SHARED = [
  'GROUP',
  'SENTINELS',
  'REDIS_NODES',
  'REDIS_SERVICE',
  'SENTINEL_SERVICE',
  'CLUSTER_DOMAIN',
  'CLI_USER',
  'TLS'
]

interface SecretVolume {
  secretName?: string
  items?: { key: string }[]
}

const volumeAt = ({ pod }: Workload, { volumeMounts }: Container, path: string): SecretVolume | undefined => {
  const mount = volumeMounts?.find(({ mountPath }) => path.startsWith(`${mountPath}/`))
  return pod.volumes?.find(({ name }) => name === mount?.name)?.['secret'] as SecretVolume | undefined
}

/** Without a list of items all keys are. */
const isMounted = (workload: Workload, container: Container, key: string): boolean => {
  const volume = volumeAt(workload, container, `/auth/${key}`)
  return volume !== undefined && (volume.items?.some((item) => item.key === key) ?? true)
}

const secretAt = (workload: Workload, container: Container, path: string): string | undefined =>
  volumeAt(workload, container, path)?.secretName

/**
 * Whether drills and examples are let in where an overlay is. A drill is started when something is wrong: it must not be the first time
 * that its passwords, users and TLS are tried.
 */
export function clientsFit(clients: readonly KubernetesObject[], overlay: readonly KubernetesObject[]): string[] {
  const [redis] = running(overlay, 'redis')
  if (redis === undefined) return ['the overlay has no redis']
  const keys = secretKeys(overlay)
  const secured = /^tls-port /m.test(configFile(overlay, redis, 'redis-tls.conf') ?? '')
  return workloads(clients).flatMap((client) =>
    client.pod.containers.flatMap((container) => {
      const { command = [], env = [] } = container
      const variable = (key: string): string | undefined => env.find(({ name }) => name === key)?.value
      const bySh = command.some((word) => word.startsWith('/config/'))
      const told = (key: string): string | undefined => setting(clients, client, key)
      const user = bySh ? told('CLI_USER') : variable('REDIS_USERNAME')
      const files = [...command, ...env.map(({ value = '' }) => value)]
        .filter((word) => word.startsWith('/auth/'))
        .map((word) => word.slice('/auth/'.length))
      const used = bySh ? [`user-${user ?? 'default'}`, 'sentinel-password'] : files
      const differs = SHARED.filter((key) => bySh && told(key) !== setting(overlay, redis, key))
      const authority = bySh ? /\/tls\/\S+(?=')/.exec(told('TLS') ?? '')?.[0] : variable('NODE_EXTRA_CA_CERTS')
      return [
        ...used.filter((key) => !keys.has(key)).map((key) => `the Secret has no ${key}`),
        ...used.filter((key) => !isMounted(client, container, key)).map((key) => `/auth has no ${key}`),
        ...differs.map((key) => `${key} is ${told(key)}, and ${setting(overlay, redis, key)} in the pods`),
        !bySh &&
          !used.includes(`user-${user ?? 'default'}`) &&
          `it is ${user ?? 'default'} with the password of another`,
        !bySh &&
          variable('REDIS_URL')?.startsWith('rediss+sentinel://') !== secured &&
          `it asks ${secured ? 'without' : 'with'} TLS, the pods are ${secured ? 'with' : 'without'}`,
        secured && authority === undefined && 'it is not told whose certificates to trust',
        authority !== undefined &&
          secretAt(client, container, authority) !==
            secretAt(redis, redis.pod.containers[0] as Container, '/tls/ca.crt') &&
          `${authority} is not what the pods have there`
      ]
        .filter((found) => found !== false)
        .map((found) => `${title(client.owner)}: ${found}`)
    })
  )
}
