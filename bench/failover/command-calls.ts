import type { LocalNode } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { preciseNow } from '../../src/time-origin.js'
import { RespConnection } from '../../src/testkit/resp-connection.js'

const ASK_EVERY_MS = 5
/** A node that answers nothing for so long is asked on a new connection. */
const SILENCE_MS = 1000

const QUESTION = ['INFO', 'commandstats'] as const

/** How often a node has executed a command since it started, or its statistics were reset. */
export async function callsOf(node: LocalNode, command: string): Promise<number> {
  return callsIn(String(await node.command(...QUESTION)), command)
}

/** When the node was first seen to have executed the command, in milliseconds since 1970; undefined when it had not after `limitMs`. */
export async function firstCallAt(node: LocalNode, command: string, limitMs: number): Promise<number | undefined> {
  const deadline = preciseNow() + limitMs
  let connection = new RespConnection(node.endpoint, SILENCE_MS)
  try {
    while (preciseNow() < deadline) {
      const answer = await connection.send(QUESTION).catch(() => undefined)
      if (answer === undefined) {
        connection.close()
        connection = new RespConnection(node.endpoint, SILENCE_MS)
      } else if (callsIn(String(answer), command) > 0) return preciseNow()
      await sleep(ASK_EVERY_MS)
    }
    return undefined
  } finally {
    connection.close()
  }
}

/** Pure: reads the answer to INFO commandstats. */
export function callsIn(info: string, command: string): number {
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(info)?.[1] ?? 0)
}
