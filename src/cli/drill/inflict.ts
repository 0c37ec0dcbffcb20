import { setTimeout as sleep } from 'node:timers/promises'
import type { SentinelRedis } from '../../index.js'
import { injectFault, type LocalTopology } from '../../testkit/index.js'
import { preciseNow } from '../../time-origin.js'
import { formatAddress } from '../address.js'
import type { Target, TargetFlags } from '../target.js'
import { coordinatedFailover } from './failover-process.js'
import { type DrillFault, isLocal } from './faults.js'
import { isRefusal, linkToPrimary, type PrimaryLink } from './primary-link.js'
import { DrillError } from './problem.js'

export interface Scene {
  readonly fault: DrillFault
  /** One of the clients under test. */
  readonly client: SentinelRedis
  readonly target: Target
  readonly flags: TargetFlags
  readonly pauseMs: number
  readonly withinMs: number
  /** Where the servers are of this process. */
  readonly local?: LocalTopology
  readonly signal: AbortSignal
}

export interface Inflicted {
  /** What was done to whom. */
  readonly description: string
  /** Just before it was done: milliseconds since 1970. */
  readonly at: number
  /** Resolves when it is over by itself, or has done all that it does. @throws DrillError when it turns out to be refused. */
  readonly over: Promise<unknown>
  /** Undoes it. */
  readonly heal?: () => Promise<void>
}

/** Does the fault. @throws DrillError when it is refused: nothing was done then. */
export async function inflict(scene: Scene): Promise<Inflicted> {
  const { fault, client, local, withinMs, signal, target, flags } = scene
  const at = preciseNow()
  const address = client.topology.primary?.address
  const primary = address === undefined ? 'no primary' : formatAddress(address)
  if (isLocal(fault)) {
    if (local === undefined) throw new DrillError('not-done', `${fault} needs servers that this process started`)
    const injected = await injectFault(local, fault)
    return { description: injected.description, at: injected.at, over: Promise.resolve(), heal: injected.heal }
  }
  switch (fault) {
    case 'manual': {
      const over = client.failover({ mode: 'manual', timeoutMs: withinMs, signal }).catch((error: unknown) => {
        throw new DrillError('not-done', (error as Error).message, { cause: error })
      })
      return { description: `SENTINEL FAILOVER of the primary ${primary}`, at, over }
    }
    case 'coordinated': {
      const over = coordinatedFailover(target, flags, withinMs, signal)
      return { description: `a coordinated failover of the primary ${primary}, by another process`, at, over }
    }
    case 'wait':
      return { description: 'whatever is done to the group', at, over: Promise.resolve() }
    case 'pause':
    case 'sleep':
    case 'kill-clients':
    case 'shutdown': {
      const link = await linkToPrimary(client, target.timeoutMs)
      const over = atPrimary(fault, link, scene)
      const { description } = await over
      return { description, at, over: over.then(({ ended }) => ended) }
    }
  }
}

interface Done {
  readonly description: string
  readonly ended: Promise<unknown>
}

const PATIENCE_MS = 500

async function atPrimary(
  fault: 'pause' | 'sleep' | 'kill-clients' | 'shutdown',
  link: PrimaryLink,
  { pauseMs, signal }: Scene
): Promise<Done> {
  const done = (what: string, ended: Promise<unknown>): Done => ({
    description: `primary ${link.name}: ${what}`,
    ended: ended.finally(() => link.close())
  })
  const passed = (): Promise<unknown> => sleep(pauseMs, undefined, { signal })
  try {
    switch (fault) {
      case 'pause':
        await link.ask('The user needs the right +client|pause.', 'CLIENT', 'PAUSE', pauseMs, 'ALL')
        return done(`CLIENT PAUSE ${pauseMs} ALL`, passed())
      case 'sleep': {
        const remedy =
          'DEBUG is for servers with "enable-debug-command yes" and users with +debug; pause does nearly the same by CLIENT PAUSE.'
        const asleep = link.ask(remedy, 'DEBUG', 'SLEEP', pauseMs / 1_000)
        // A no comes at once, a yes when it has slept; whatever breaks the connection later is part of the drill.
        await Promise.race([asleep, sleep(PATIENCE_MS, undefined, { signal })])
        asleep.catch(() => undefined)
        return done(`DEBUG SLEEP ${pauseMs / 1_000}`, passed())
      }
      case 'kill-clients': {
        const words = ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes']
        const count = await link.ask('The user needs the right +client|kill.', 'CLIENT', ...words)
        return done(`CLIENT KILL TYPE normal, ${Number(count)} connections cut`, Promise.resolve())
      }
      case 'shutdown': {
        await link.ask('The user needs the right +shutdown.', 'SHUTDOWN').catch((error: unknown) => {
          if (isRefusal(error)) throw error
        })
        return done('SHUTDOWN', Promise.resolve())
      }
    }
  } catch (error) {
    link.close()
    throw error
  }
}
