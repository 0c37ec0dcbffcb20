import { mkdtempSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../lib/root.mjs'

/** Git does not know it, and it may be deleted at any time. */
const CACHE = join(ROOT, '.matrix')

/** Something of the matrix cannot be had on this machine. The message is the reason that the person is told; no stack. */
export class NotToBeHad extends Error {}

/**
 * The folder of this name in the cache. When it is not there it is made by `fill` in another place first, so that one that is
 * there is complete.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  mkdirSync(CACHE, { recursive: true })
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'))
  try {
    await fill(unfinished)
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}
