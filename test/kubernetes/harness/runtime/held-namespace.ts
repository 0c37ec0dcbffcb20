import { closeSync, openSync, readlinkSync } from 'node:fs'

/**
 * A namespace by its name, which stays this one's for as long as it is held: the kernel gives the number of one that has ended to the
 * next, and who ended "its" processes then ended those of another container, of another cluster too.
 */
export class HeldNamespace {
  readonly name: string
  readonly #file: number

  /** @throws Error when the process has ended. */
  constructor(pid: number, kind: 'mnt' | 'net') {
    this.#file = openSync(`/proc/${pid}/ns/${kind}`, 'r')
    this.name = readlinkSync(`/proc/self/fd/${this.#file}`)
  }

  release(): void {
    closeSync(this.#file)
  }
}
