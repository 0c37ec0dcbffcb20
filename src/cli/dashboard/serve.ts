import { randomBytes } from 'node:crypto'
import type { SentinelRedis } from '../../index.js'
import { pageAssets } from './assets.js'
import { FaultDesk, type FaultKit } from './fault-desk.js'
import { Observer } from './observer.js'
import { DashboardServer } from './server.js'

export interface DashboardOptions {
  /** Not connected yet; closed by `stop()`. */
  readonly client: SentinelRedis
  /** Absent: none may be done. */
  readonly faults?: FaultKit
  /** Writes a second by the tool itself, and as many reads; 0 for none. */
  readonly load: number
  /** 0 takes a free one. */
  readonly port: number
}

export interface Dashboard {
  /** With the token. */
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Who does not know it cannot guess it. */
const TOKEN_BYTES = 24

/**
 * Serves the page, and goes on trying to reach the group for as long as it is served.
 *
 * @throws the system's error when the port is taken.
 */
export async function serveDashboard({ client, faults, load, port }: DashboardOptions): Promise<Dashboard> {
  const desk = new FaultDesk(
    noted(faults, (event, text) => observer.note(event, text)),
    () => observer.changed()
  )
  const observer = new Observer({ client, desk, load })
  client.connect().catch((error: Error) => observer.trouble(error))
  const end = async (): Promise<void> => {
    await observer.stop()
    await client.close()
  }
  try {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const server = await DashboardServer.start({ token, port, feed: observer.feed, desk, assets: pageAssets() })
    return {
      url: server.url,
      stop: async () => {
        await server.stop()
        await end()
      }
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** What is done, and undone, stands among the events too. */
function noted(
  kit: FaultKit | undefined,
  note: (event: 'fault' | 'healed', text: string) => void
): FaultKit | undefined {
  if (kit === undefined) return undefined
  return {
    ...kit,
    inject: async (name) => {
      const { description, heal } = await kit.inject(name)
      note('fault', description)
      if (heal === undefined) return { description }
      return {
        description,
        heal: async () => {
          await heal()
          note('healed', `healed: ${description}`)
        }
      }
    }
  }
}
