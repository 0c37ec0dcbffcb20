import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface VolumeFile {
  readonly path: string
  readonly content: Buffer
  readonly mode: number
}

/**
 * A folder whose files change all at once, as the kubelet writes ConfigMaps and Secrets: the names are links into `..data`,
 * and that is a link which is replaced.
 */
export class AtomicFolder {
  readonly folder: string
  readonly #group: number | undefined
  #version = 0

  constructor(folder: string, group: number | undefined) {
    this.folder = folder
    this.#group = group
    mkdirSync(folder, { recursive: true })
    this.#own(folder, 0o777)
  }

  write(files: readonly VolumeFile[]): void {
    this.#version += 1
    const version = `..${this.#version}`
    const target = join(this.folder, version)
    mkdirSync(target)
    this.#own(target, 0o755)
    for (const { path, content, mode } of files) {
      const file = join(target, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      this.#own(file, mode)
    }
    symlinkSync(version, join(this.folder, '..new'))
    renameSync(join(this.folder, '..new'), join(this.folder, '..data'))
    for (const top of new Set(files.map(({ path }) => path.split('/')[0] ?? path))) {
      const link = join(this.folder, top)
      rmSync(link, { force: true })
      symlinkSync(join('..data', top), link)
    }
    rmSync(join(this.folder, `..${this.#version - 1}`), { recursive: true, force: true })
  }

  /** The kubelet gives an fsGroup the right to read: 0400 becomes 0440 (seen on a cluster). */
  #own(path: string, mode: number): void {
    chmodSync(path, this.#group === undefined ? mode : mode | 0o440)
    if (this.#group !== undefined) chownSync(path, 0, this.#group)
  }
}
