import { accessSync, constants, mkdtempSync, readFileSync, realpathSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Linux keeps what lies here in memory. */
const IN_MEMORY = '/dev/shm'
/** The suite keeps less than a quarter of it there. */
const ROOM_BYTES = 2 ** 30

/**
 * Makes the folder in which a run keeps its temporary files. In memory where there is room, unless TMPDIR names another place: redis and its
 * sentinels stand still for as long as a disk takes to fsync, seconds on a busy machine, and tests are about what happens in milliseconds.
 */
export function makeSuiteFolder() {
  const parent = process.env['TMPDIR'] === undefined && hasRoom(IN_MEMORY) ? IN_MEMORY : tmpdir()
  return realpathSync(mkdtempSync(join(parent, 'ioredis-sentinel-suite-')))
}

/** Containers often mount it without the right to execute, and tests lay out programs. */
function mayExecuteIn(folder) {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const options = mounts.map((line) => line.split(' ')).findLast(([, place]) => place === folder)?.[3]
  return options !== undefined && !options.split(',').includes('noexec')
}

function hasRoom(folder) {
  try {
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= ROOM_BYTES && freemem() >= 2 * ROOM_BYTES && mayExecuteIn(folder)
  } catch {
    return false
  }
}
