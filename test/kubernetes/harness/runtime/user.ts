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

/** The arguments of chroot that make a process this user's. */
export function userArguments({ uid, gid, groups }: User): readonly string[] {
  return [`--userspec=${uid}:${gid}`, `--groups=${[gid, ...groups].join(',')}`]
}
