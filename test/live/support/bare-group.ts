import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalNode, startTopology } from 'ioredis-sentinel/testkit'

export interface BareGroup {
  readonly url: string
  readonly primary: LocalNode
  stop(): Promise<void>
}

/** A primary without a replica, which reads its configuration from standard input and so has no file, and two sentinels. */
export async function startBareGroup(): Promise<BareGroup> {
  const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-bare-'))
  const script = join(folder, 'redis-server')
  writeFileSync(script, '#!/bin/sh\n[ "$1" = --version ] && exec redis-server --version\nexec redis-server - < "$1"\n')
  chmodSync(script, 0o755)
  try {
    const topology = await startTopology({
      replicas: 0,
      sentinels: 2,
      downAfterMs: 20_000,
      serverBinary: script,
      sentinelBinary: 'redis-sentinel'
    })
    return {
      url: topology.url,
      primary: topology.nodes[0] as LocalNode,
      stop: async () => {
        await topology.stop()
        rmSync(folder, { recursive: true })
      }
    }
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
}
