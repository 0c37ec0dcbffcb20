import type { SentinelRedisOptions } from 'ioredis-sentinel'

/** What the process that runs the suite is told, by the environment variable below. */
export interface Settings {
  /** The folder of the ioredis checkout. */
  readonly suite: string
  /** Where the suite's own default address leads: one group of real servers. */
  readonly group: Pick<SentinelRedisOptions, 'name' | 'sentinels'>
  /** A free port for the sentinel that names the suite's mock servers. */
  readonly sentinelPort: number
  /** Over SentinelRedis's defaults. */
  readonly client: Pick<SentinelRedisOptions, 'readFrom'>
  /** The bundled `client.ts`. */
  readonly clientFile: string
  /** Where to write what was made of each `new Redis()`. */
  readonly recordFile: string
}

export const SETTINGS_VARIABLE = 'IOREDIS_SUITE_SETTINGS'

/** What became of the `new Redis()` calls of one test file. */
export interface Made {
  /** SentinelRedis for the group of real servers. */
  real: number
  /** SentinelRedis for one of the suite's mock servers, or for a port where nobody listens. */
  mock: number
  /** SentinelRedis refused the options: a ConfigurationError, which the test got. */
  refused: number
  /** Left to ioredis, by reason. */
  readonly plain: Record<string, number>
}

/** By test file, relative to the suite's folder. */
export type MadeByFile = Record<string, Made>
