import { Redis } from 'ioredis'
import type { SentinelRedis } from '../../index.js'
import { formatAddress } from '../address.js'
import { DrillError } from './problem.js'

/**
 * A plain connection to the node that is the primary now, for what must reach this node, once, or nobody.
 *
 * @throws DrillError when there is no primary, or it cannot be connected to.
 */
export async function linkToPrimary(client: SentinelRedis, timeoutMs: number): Promise<PrimaryLink> {
  const address = client.topology.primary?.address
  if (address === undefined) throw new DrillError('not-done', 'there is no primary now')
  const { username, password, tls } = client.options
  const link = new Redis({
    ...address,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
    lazyConnect: true,
    enableReadyCheck: false,
    connectionName: 'ioredis-sentinel-drill',
    connectTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null
  })
  link.on('error', () => undefined)
  const name = formatAddress(address)
  try {
    await link.connect()
  } catch (error) {
    throw new DrillError('not-done', `the primary ${name} cannot be connected to: ${(error as Error).message}`, {
      cause: error
    })
  }
  return new PrimaryLink(name, link)
}

/** What is asked here is asked once. */
export class PrimaryLink {
  readonly name: string
  readonly #link: Redis

  constructor(name: string, link: Redis) {
    this.name = name
    this.#link = link
  }

  /** @throws DrillError with the server's words, and `remedy`, when it refuses. */
  async ask(remedy: string, command: string, ...words: (string | number)[]): Promise<unknown> {
    try {
      return await this.#link.call(command, ...words)
    } catch (error) {
      const { message, name } = error as Error
      const said = `the primary ${this.name} ${name === 'ReplyError' ? 'answers' : 'was asked and did not answer'} "${message}"`
      throw new DrillError('not-done', `${command} ${words.join(' ')}: ${said}. ${remedy}`, { cause: error })
    }
  }

  close(): void {
    this.#link.disconnect()
  }
}

/** The server has said no, in words. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DrillError && (error.cause as Error | undefined)?.name === 'ReplyError'
}
