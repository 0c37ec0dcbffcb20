import { networkInterfaces } from 'node:os'

/** An address of this machine that others reach, which is not on loopback; undefined where there is none. */
export const OUTSIDE = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

/** Why a test is skipped that needs one. */
export const NO_OUTSIDE = 'this machine has no address but its loopback'
