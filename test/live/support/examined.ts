import type { LocalProcess } from 'ioredis-sentinel/testkit'
import { diagnose } from '../../../src/cli/doctor/diagnose.js'
import type { Expectations } from '../../../src/cli/doctor/examination.js'
import { examine } from '../../../src/cli/doctor/examine.js'
import type { Finding } from '../../../src/cli/doctor/rule.js'
import type { TargetOptions } from '../../../src/cli/target.js'

export type Asked = Partial<Expectations> & { readonly url: string; readonly options?: TargetOptions }

/** What doctor finds. */
export async function findings({ url, options = {}, ...expectations }: Asked): Promise<readonly Finding[]> {
  return diagnose(await examine({ url, options, timeoutMs: 1_500 }, { maxLagMs: 10_000, ...expectations }))
}

export const codesOf = (found: readonly Finding[]): string[] => [...new Set(found.map(({ code }) => code))].sort()

export const keyOf = ({ address: { host, port } }: LocalProcess): string => `${host}:${port}`

/** A CONFIG SET, and what sets it back. */
export async function configured(server: LocalProcess, name: string, value: string): Promise<() => Promise<unknown>> {
  const before = (await server.command('CONFIG', 'GET', name)) as readonly string[]
  await server.command('CONFIG', 'SET', name, value)
  return () => server.command('CONFIG', 'SET', name, before[1] ?? '')
}

/** The same at several servers. */
export async function everywhere(
  servers: readonly LocalProcess[],
  name: string,
  value: string
): Promise<() => Promise<unknown>> {
  const undos = await Promise.all(servers.map((server) => configured(server, name, value)))
  return () => Promise.all(undos.map((undo) => undo()))
}
