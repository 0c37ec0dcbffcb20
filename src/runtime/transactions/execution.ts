import { Command } from 'ioredis'
import { UnknownOutcomeError } from '../../errors.js'
import type { Call } from '../call.js'
import type { OnceBatch } from '../exactly-once.js'
import { transactionOf } from '../transaction.js'

/** `lost`: it was not executed, and the callback is to be run again; a watch that is lost with its connection is one reason. `changed`: a watched key was. */
export type ExecEnd = 'lost' | 'changed' | readonly unknown[]

/** How commands get to the transaction's connection. */
export interface ExecWire {
  /** MULTI to EXEC. */
  sendAll(commands: readonly Command[], exec: Command): void
  /** By itself, when all that is over. */
  sendAlone(command: Command): void
}

/** The commands as they are. Rejects as EXEC does. */
export async function execute(queue: readonly Command[], exec: Command, wire: ExecWire): Promise<ExecEnd> {
  wire.sendAll(queue, exec)
  return endOf(exec, (await exec.promise) as unknown[] | null)
}

/**
 * The commands as one that takes effect once: when the connection is lost after EXEC was written, the next primary is asked what became of it.
 * The commands are given their answers here. Rejects with UnknownOutcomeError only if that could not be asked in time.
 */
export async function executeOnce(
  queue: readonly Command[],
  exec: Command,
  batch: OnceBatch,
  wire: ExecWire
): Promise<ExecEnd> {
  try {
    const end = await sendOnce(batch, wire)
    for (const command of queue) {
      if (command === exec) command.resolve(typeof end === 'string' ? null : end)
      else {
        batch.prepare(command)
        command.resolve(Buffer.from(command === queue[0] ? 'OK' : 'QUEUED'))
      }
    }
    return end
  } catch (error) {
    for (const command of queue) command.reject(error as Error)
    throw error
  }
}

async function sendOnce(batch: OnceBatch, wire: ExecWire): Promise<ExecEnd> {
  const { carrier } = batch
  const exec = new Command('exec', [])
  const multi = new Command('multi', [])
  // What they are refused with, EXEC is.
  for (const command of [multi, carrier]) command.promise.catch(() => undefined)
  wire.sendAll([multi, carrier, exec], exec)
  const answered: unknown = await exec.promise.catch((error: unknown) => error)
  const isUnheardOf = answered instanceof UnknownOutcomeError || (exec as Call).confirmationLost === true
  if (isUnheardOf && answered instanceof Error) return askedFor(batch, wire, answered)
  if (answered instanceof Error) throw answered
  const end = endOf(exec, answered as unknown[] | null)
  if (typeof end === 'string') {
    carrier.notExecuted()
    return end
  }
  const [reply] = end
  if (reply instanceof Error) {
    // The text goes with the next run.
    if (carrier.unloaded(reply)) return 'lost'
    throw batch.told(reply)
  }
  carrier.forgetToken()
  return batch.answers(reply as unknown[])
}

async function askedFor(batch: OnceBatch, wire: ExecWire, unknown: Error): Promise<ExecEnd> {
  const probe = batch.probe()
  wire.sendAlone(probe)
  const kept: unknown = await probe.promise.catch((error: unknown) => error)
  if (kept instanceof Error) throw kept.name === 'ReplyError' ? batch.told(kept) : unknown
  const replies = kept as unknown[]
  return replies.length === 0 ? 'lost' : batch.answers(replies)
}

function endOf(exec: Command, replies: readonly unknown[] | null): ExecEnd {
  if (replies !== null) return replies
  return transactionOf(exec)?.over === true ? 'lost' : 'changed'
}
