import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigurationError } from '../../index.js'

/** Where the page of a drill will be. Before anything is done it is known that it can be written; what stands there stays until then. */
export class PageFile {
  readonly path: string
  #isUnused: boolean

  /** @throws ConfigurationError when no file can be written there. */
  constructor(path: string) {
    this.path = resolve(path)
    try {
      this.#isUnused = isNew(this.path)
    } catch (error) {
      throw new ConfigurationError(`--html names "${path}", which cannot be written: ${(error as Error).message}`)
    }
  }

  /** What kept it from being written, in words; undefined when it was. */
  write(page: string): string | undefined {
    try {
      writeFileSync(this.path, page)
      this.#isUnused = false
      return undefined
    } catch (error) {
      return `the page could not be written: ${(error as Error).message}`
    }
  }

  /** Removes it when it was made here and nothing was written. */
  removeUnused(): void {
    if (this.#isUnused) rmSync(this.path, { force: true })
    this.#isUnused = false
  }
}

/** Opens it for writing, and leaves what it holds; true when it was made for that. */
function isNew(path: string): boolean {
  try {
    closeSync(openSync(path, 'ax'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    closeSync(openSync(path, 'a'))
    return false
  }
}
