import type { Address } from '../protocol/address.js'
import { LocalProcess } from './local-process.js'
import { ask } from './resp-connection.js'
import type { RespValue } from './resp.js'

/** A node or sentinel as one sentinel describes it. */
export interface Described {
  readonly address: Address
  /** The server's own words: `slave`, `s_down`, `disconnected` … */
  readonly flags: readonly string[]
  /** Of a replica: its link to the primary is up, as last told to this sentinel. */
  readonly linkUp: boolean
}

/** What one sentinel says about the group. */
export interface SentinelReport {
  readonly primary: Address
  readonly configEpoch: number
  /** The flags of the primary. */
  readonly flags: readonly string[]
  readonly replicas: readonly Described[]
  readonly sentinels: readonly Described[]
}

/** A redis-sentinel, valkey-sentinel, or server started with `--sentinel`. */
export class LocalSentinel extends LocalProcess {
  override readonly kind = 'sentinel'

  /**
   * All it says about the group of this name.
   *
   * @throws ReplyError when it does not know the name, Error when it cannot be reached.
   */
  async report(name: string, timeoutMs = 1000): Promise<SentinelReport> {
    const questions = ['GET-MASTER-ADDR-BY-NAME', 'MASTER', 'REPLICAS', 'SENTINELS'].map((word) => [
      'SENTINEL',
      word,
      name
    ])
    const [address, primary, replicas, sentinels] = await ask(this.endpoint, questions, timeoutMs)
    const [host, port] = Array.isArray(address) ? address : []
    const fields = fieldsOf(primary)
    return {
      primary: { host: String(host), port: Number(port) },
      configEpoch: Number(fields['config-epoch']),
      flags: flagsOf(fields),
      replicas: listOf(replicas),
      sentinels: listOf(sentinels)
    }
  }
}

function listOf(reply: RespValue | undefined): Described[] {
  return (Array.isArray(reply) ? reply : []).map((entry) => {
    const fields = fieldsOf(entry)
    return {
      address: { host: fields['ip'] ?? '', port: Number(fields['port']) },
      flags: flagsOf(fields),
      linkUp: fields['master-link-status'] === 'ok'
    }
  })
}

function fieldsOf(reply: RespValue | undefined): Readonly<Record<string, string>> {
  const flat = Array.isArray(reply) ? reply.map(String) : []
  const fields: Record<string, string> = {}
  for (let index = 0; index + 1 < flat.length; index += 2) fields[flat[index] ?? ''] = flat[index + 1] ?? ''
  return fields
}

function flagsOf(fields: Readonly<Record<string, string>>): readonly string[] {
  return (fields['flags'] ?? '').split(',').filter((flag) => flag !== '')
}
