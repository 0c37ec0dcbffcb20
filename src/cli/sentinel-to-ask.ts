import { sentinelAccess } from './access.js'
import { readAddress } from './address.js'
import type { Asked } from './ask-server.js'
import { seedNameOf } from './seed-name.js'
import type { Target } from './target.js'

/** How the sentinel at `host:port` is asked: as whom, and by the name that its certificate has. */
export async function sentinelToAsk(key: string, target: Target): Promise<Asked> {
  const address = readAddress(key)
  const { tls, ...user } = sentinelAccess(target)
  const name = tls === undefined ? undefined : await seedNameOf(address.host, target)
  return {
    address,
    access: { ...user, ...(tls !== undefined && { tls: { ...(name !== undefined && { servername: name }), ...tls } }) },
    timeoutMs: target.timeoutMs
  }
}
