import type { Address } from '../protocol/address.js'
import { LocalProcess } from './local-process.js'
import { ask } from './resp-connection.js'

/** What a node says about itself. */
export type NodeRole =
  { readonly role: 'primary' } | { readonly role: 'replica'; readonly of: Address; readonly linkUp: boolean }

/** A redis-server or valkey-server: the primary or a replica, whichever it is now. */
export class LocalNode extends LocalProcess {
  override readonly kind = 'node'

  /** Its answer to ROLE. Never sufficient to know the primary: use `LocalTopology.primary()`. */
  async role(timeoutMs = 1000): Promise<NodeRole> {
    const [reply] = await ask(this.endpoint, [['ROLE']], timeoutMs)
    const [role, host, port, link] = Array.isArray(reply) ? reply : []
    if (role === 'master') return { role: 'primary' }
    return { role: 'replica', of: { host: String(host), port: Number(port) }, linkUp: link === 'connected' }
  }

  /** How many replicas it sends what it writes; 0 when it is one itself. ROLE lists no others (redis `replication.c` roleCommand()). */
  async onlineReplicas(timeoutMs = 1000): Promise<number> {
    const [reply] = await ask(this.endpoint, [['ROLE']], timeoutMs)
    const [role, , replicas] = Array.isArray(reply) ? reply : []
    return role === 'master' && Array.isArray(replicas) ? replicas.length : 0
  }
}
