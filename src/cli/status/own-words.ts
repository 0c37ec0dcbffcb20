import type { SentinelView } from '../../index.js'

/** Why a sentinel does not answer, without its own address: what several say alike is told once. */
export function whyNot({ key, error }: Pick<SentinelView, 'key' | 'error'>): string | undefined {
  return error?.replace(`the sentinel ${key} `, '')
}
