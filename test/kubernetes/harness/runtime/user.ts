import type { ContainerSpec, PodSpec } from '../manifests/objects.js'

/** Whose rights a container has. */
export interface User {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** The user "redis" of the images: both its numbers are 999 in those made from Debian. */
export const REDIS_ID = 999

export function userOf(container: ContainerSpec, pod: PodSpec): User {
  const uid = container.securityContext?.runAsUser ?? pod.securityContext?.runAsUser ?? 0
  // Without a group in the manifest it is the one that the image's /etc/passwd gives the user.
  const imageGroup = uid === REDIS_ID ? REDIS_ID : 0
  const gid = container.securityContext?.runAsGroup ?? pod.securityContext?.runAsGroup ?? imageGroup
  const { fsGroup, supplementalGroups = [] } = pod.securityContext ?? {}
  return { uid, gid, groups: [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups] }
}

/** What is put before a command that this user runs, and without new privileges, as in a container. */
export function asUser({ uid, gid, groups }: User): readonly string[] {
  const all = [gid, ...groups].join(',')
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, `--groups=${all}`, '--no-new-privs', '--']
}
