import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerSpec, PodSpec, Volume } from '../manifests/objects.js'
import { AtomicFolder } from '../runtime/atomic-folder.js'
import type { Bind } from '../runtime/root-filesystem.js'
import { type References, volumeFiles } from '../runtime/volume-files.js'

/** The volumes of one pod: they live as long as the pod does, but for those that are claims. */
export class PodVolumes {
  readonly #spec: PodSpec
  readonly #references: References
  readonly #folders = new Map<string, string>()
  readonly #written = new Map<Volume, AtomicFolder>()

  /** `claim` gives the folder of a claim. */
  constructor(folder: string, spec: PodSpec, references: References, claim: (name: string) => string) {
    this.#spec = spec
    this.#references = references
    const group = spec.securityContext?.fsGroup
    for (const volume of spec.volumes ?? []) {
      const own = join(folder, volume.name)
      if (volume.persistentVolumeClaim !== undefined) {
        this.#folders.set(volume.name, ownedFolder(claim(volume.persistentVolumeClaim.claimName), 0o755, group))
      } else if (volume.emptyDir !== undefined) {
        this.#folders.set(volume.name, ownedFolder(own, 0o777, group))
      } else {
        const files = volumeFiles(volume, references)
        if (files === undefined) throw new Error(`volume ${volume.name}: the harness does not have this kind`)
        const atomic = new AtomicFolder(own, group)
        atomic.write(files)
        this.#written.set(volume, atomic)
        this.#folders.set(volume.name, own)
      }
    }
  }

  /** Writes what ConfigMaps and Secrets hold now. Mounts of a subPath keep what they had, as on a cluster. */
  refresh(): void {
    for (const [volume, atomic] of this.#written) atomic.write(volumeFiles(volume, this.#references) ?? [])
  }

  /** The node has lost its power: empties what is kept in memory. */
  forgetMemory(): void {
    for (const { name, emptyDir } of this.#spec.volumes ?? []) {
      if (emptyDir === undefined || !('medium' in emptyDir) || emptyDir.medium !== 'Memory') continue
      for (const entry of readdirSync(this.folder(name))) rmSync(join(this.folder(name), entry), { recursive: true })
    }
  }

  folder(name: string): string {
    const folder = this.#folders.get(name)
    if (folder === undefined) throw new Error(`there is no volume ${name}`)
    return folder
  }

  binds(container: ContainerSpec): readonly Bind[] {
    const isWritten = (name: string): boolean => [...this.#written.keys()].some((volume) => volume.name === name)
    return (container.volumeMounts ?? []).map(({ name, mountPath, subPath, readOnly = false }) => {
      const folder = this.folder(name)
      if (subPath === undefined) return { source: folder, target: mountPath, readOnly: readOnly || isWritten(name) }
      const source = join(folder, subPath)
      if (!existsSync(source)) mkdirSync(source, { recursive: true })
      return { source: realpathSync(source), target: mountPath, readOnly }
    })
  }
}

/** Root's, and with an fsGroup the group's too, which new files inherit: 2775 was seen on a claim, 2777 on an emptyDir. */
function ownedFolder(folder: string, mode: number, group: number | undefined): string {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, group === undefined ? mode : mode | 0o2770)
  if (group !== undefined) chownSync(folder, 0, group)
  return folder
}
