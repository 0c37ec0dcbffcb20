import type { LocalProcess, LocalTopology } from 'ioredis-sentinel/testkit'
import { expect } from 'vitest'
import { connectionsTo, eventually } from '../../support/server-view.js'

/** Connections of clients: none of sentinels, replicas or primaries, and not the one that asks. */
async function clientsOf(server: LocalProcess): Promise<string[]> {
  return (await connectionsTo(server))
    .filter(
      ({ flags = '', name = '', cmd }) => !/[SM]/.test(flags) && !name.startsWith('sentinel-') && cmd !== 'client|list'
    )
    .map(({ name, cmd }) => `${name} ${cmd}`)
}

/** Resolves when no client has a connection to any server of the topology. */
export async function nothingLeft({ nodes, sentinels }: LocalTopology): Promise<void> {
  await eventually(async () => {
    for (const server of [...nodes, ...sentinels]) expect(await clientsOf(server)).toEqual([])
  })
}
