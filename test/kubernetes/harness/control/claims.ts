import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { PodSpec } from '../manifests/objects.js'

/** Volumes that outlive pods: a folder each, on the node where it was first used. */
export class Claims {
  readonly #folder: string
  readonly #nodes = new Map<string, number>()
  #lost = 0

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  get names(): readonly string[] {
    return [...this.#nodes.keys()]
  }

  node(claim: string): number | undefined {
    return this.#nodes.get(claim)
  }

  bind(claim: string, node: number): void {
    this.#nodes.set(claim, node)
  }

  /** Made when it is not there yet. */
  folder(claim: string): string {
    const folder = join(this.#folder, claim)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** What is in it is lost, the next who wants it gets an empty one, wherever that is. Who has it mounted keeps what he has. */
  remove(claim: string): void {
    this.#nodes.delete(claim)
    const folder = join(this.#folder, claim)
    if (existsSync(folder)) renameSync(folder, join(this.#folder, `lost-${(this.#lost += 1)}-${claim}`))
  }
}

/** The claims that a pod has. */
export const claimsOf = ({ volumes = [] }: PodSpec): readonly string[] =>
  volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])
