import type { SentinelRedis } from 'ioredis-sentinel'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../../simulation/random.js'
import type { Change, Look } from './own-writes-choices.js'
import { asText, Caller } from './own-writes-choices.js'
import type { Content, Glance } from './write-history.js'
import { WriteHistory } from './write-history.js'

export interface ProgramReport {
  reads: number
  writes: number
  /** Reads that missed a write of this client, in words. */
  readonly misses: string[]
  /** Calls that failed. */
  readonly errors: string[]
}

export interface ProgramOptions {
  readonly seed: number
  readonly callers: number
  /** Of each caller. */
  readonly steps: number
  /** Calls are collected by ioredis and go out when the turn of the event loop ends: what needs an order of its own is left out. */
  readonly autoPipelining: boolean
  /** Called when half of the steps are done. */
  readonly halfway?: () => Promise<void>
}

const DATABASES = 2
const LONGEST_PAUSE_MS = 12

const SCRIPT = `redis.call('SET', KEYS[1], ARGV[1]) redis.call('APPEND', KEYS[2], ARGV[1])`
/** It writes a key that it does not declare. */
const SECRETIVE = `redis.call('SET', ARGV[1], ARGV[2])`

interface Scripted {
  both(first: string, second: string, value: string): Promise<unknown>
}

/**
 * Several callers that share one client and write and read the same keys at random, as the seed says: whatever a client can write by, and
 * whatever it can read by. Nobody else writes, so what each read may see is known exactly.
 */
export async function runProgram(client: SentinelRedis, options: ProgramOptions): Promise<ProgramReport> {
  client.defineCommand('both', { numberOfKeys: 2, lua: SCRIPT })
  const program = new Program(client, options)
  await Promise.all(Array.from({ length: options.callers }, (_, index) => program.call(index)))
  return program.report
}

class Program {
  readonly report: ProgramReport = { reads: 0, writes: 0, misses: [], errors: [] }
  readonly #client: SentinelRedis
  readonly #options: ProgramOptions
  readonly #history = new WriteHistory()
  #db = 0
  #values = 0
  #done = 0
  #half: Promise<void> | undefined

  constructor(client: SentinelRedis, options: ProgramOptions) {
    this.#client = client
    this.#options = options
  }

  async call(index: number): Promise<void> {
    const { seed, steps, callers, halfway, autoPipelining } = this.#options
    const random = new Random(seed * 1000 + index)
    const caller = new Caller(random, seed, () => `v${(this.#values += 1)}`)
    const flying: Promise<void>[] = []
    for (let step = 0; step < steps; step += 1) {
      const over = this.#step(random, caller)
      // What is read next may be what is still on its way.
      if (autoPipelining || random.chance(0.7)) await over
      else flying.push(over)
      this.#done += 1
      if (halfway !== undefined && this.#done * 2 >= steps * callers) this.#half ??= halfway()
      if (random.chance(0.7)) await sleep(random.below(LONGEST_PAUSE_MS))
    }
    await Promise.all([...flying, this.#half])
  }

  #step(random: Random, caller: Caller): Promise<void> {
    const ordered = this.#options.autoPipelining ? 0 : 1
    const what = random.weighted({
      write: 30,
      script: 4,
      look: 45,
      writeAndLook: 10,
      looks: 6 * ordered,
      pipeline: 6 * ordered,
      multi: 5 * ordered,
      pair: 3 * ordered,
      secretive: 0.7 * ordered,
      flush: 0.3 * ordered,
      elsewhere: 0.7 * ordered,
      select: 2 * ordered
    })
    switch (what) {
      case 'write':
        return this.#write(caller.change(this.#history, (name) => this.#named(name)))
      case 'script':
        return this.#script(caller)
      case 'look':
        return this.#look(caller.look())
      case 'looks':
        return this.#looks(Array.from({ length: 3 }, () => caller.look()))
      case 'writeAndLook':
        return this.#writeAndLook(caller)
      case 'pipeline':
      case 'multi':
        return this.#together(what, random, caller)
      case 'pair':
        return this.#pair(random, caller)
      case 'secretive':
        return this.#secretive(caller)
      case 'flush':
        return this.#flush()
      case 'elsewhere':
        return this.#elsewhere(random, caller)
      case 'select':
        return this.#select(random.below(DATABASES))
    }
  }

  /** One name for one key of one database, in the history. */
  #named(name: string, db = this.#db): string {
    return `${db} ${name}`
  }

  async #acked(call: Promise<unknown>, words: readonly unknown[], then?: () => void): Promise<void> {
    this.report.writes += 1
    try {
      await call
      then?.()
    } catch (error) {
      this.report.errors.push(`${words.join(' ')}: ${String(error)}`)
    }
  }

  #write({ words, apply }: Change): Promise<void> {
    const [name = '', ...args] = words
    const acked = apply()
    return this.#acked(this.#client.call(String(name), ...args), words, acked)
  }

  async #look({ key, words, of }: Look): Promise<void> {
    const [name = '', ...args] = words
    const glance = this.#history.glance(this.#named(key))
    await this.#compare(this.#client.call(String(name), ...args), glance, of)
  }

  async #compare(call: Promise<unknown>, glance: Glance, of: (content: Content) => unknown): Promise<void> {
    this.report.reads += 1
    try {
      const told = plain(await call)
      const missed = this.#history.missed(glance, (content) => same(of(content), told), told)
      if (missed !== undefined) this.report.misses.push(missed)
    } catch (error) {
      this.report.errors.push(`${glance.key}: ${String(error)}`)
    }
  }

  /** A pipeline of reads: one replica answers it as a whole. */
  async #looks(looks: readonly Look[]): Promise<void> {
    const pipeline = this.#client.pipeline()
    for (const { words } of looks) pipeline.call(...(words as [string, ...string[]]))
    const glances = looks.map(({ key }) => this.#history.glance(this.#named(key)))
    const answers = pipeline.exec() as Promise<[Error | null, unknown][]>
    await Promise.all(looks.map(({ of }, index) => this.#compare(nth(answers, index), glances[index] as Glance, of)))
  }

  /** A write, and a read of its key in the same breath. */
  async #writeAndLook(caller: Caller): Promise<void> {
    const name = caller.key('s')
    const value = caller.value()
    const named = this.#named(name)
    const { autoPipelining } = this.#options
    this.#history.wrote(named, value)
    const written = this.#acked(this.#client.set(name, value), ['set', name])
    // Nobody promises an order between a batch and what is not part of it.
    if (autoPipelining) await written
    await this.#look({ key: name, words: ['get', name], of: asText })
    await written
  }

  async #together(kind: 'pipeline' | 'multi', random: Random, caller: Caller): Promise<void> {
    const batch = kind === 'multi' ? this.#client.multi() : this.#client.pipeline()
    const parts: ((call: Promise<unknown>) => Promise<void>)[] = []
    for (let count = 1 + random.below(4); count > 0; count -= 1) {
      if (random.chance(0.25)) {
        const { key, words, of } = caller.look()
        const glance = this.#history.glance(this.#named(key))
        batch.call(...(words as [string, ...string[]]))
        parts.push((call) => this.#compare(call, glance, of))
      } else {
        const { words, apply } = caller.change(this.#history, (name) => this.#named(name))
        const acked = apply()
        batch.call(...(words as [string, ...string[]]))
        parts.push((call) => this.#acked(call, words, acked))
      }
      if (random.chance(0.2)) {
        const names = [caller.key('s'), caller.key('s')] as const
        const value = this.#scripted(caller, names)
        void (batch as unknown as Scripted).both(...names, value)
        parts.push((call) => this.#acked(call, ['both', ...names]))
      }
    }
    const answers = batch.exec() as Promise<[Error | null, unknown][]>
    await Promise.all(parts.map((part, index) => part(nth(answers, index))))
  }

  /** What the script does, in the history. */
  #scripted(caller: Caller, [first, second]: readonly [string, string]): string {
    const value = caller.value()
    this.#history.wrote(this.#named(first), value)
    this.#history.wrote(this.#named(second), (this.#history.now(this.#named(second)) ?? '') + value)
    return value
  }

  #script(caller: Caller): Promise<void> {
    const names = [caller.key('s'), caller.key('s')] as const
    const value = this.#scripted(caller, names)
    const defined = value.endsWith('1')
    const call = defined
      ? (this.#client as unknown as Scripted).both(...names, value)
      : this.#client.eval(SCRIPT, 2, ...names, value)
    return this.#acked(call, ['script', ...names])
  }

  #secretive(caller: Caller): Promise<void> {
    const name = caller.key('s')
    const value = caller.value()
    this.#history.wrote(this.#named(name), value)
    return this.#acked(this.#client.eval(SECRETIVE, 0, name, value), ['secretive', name])
  }

  /** One command that writes two keys. */
  #pair(random: Random, caller: Caller): Promise<void> {
    const [from, to] = [caller.key('s'), caller.key('s')]
    const content = this.#history.now(this.#named(from))
    if (content === undefined || from === to) return Promise.resolve()
    const rename = random.chance(0.5)
    if (rename) this.#history.wrote(this.#named(from), undefined)
    this.#history.wrote(this.#named(to), content)
    const call = rename ? this.#client.rename(from, to) : this.#client.copy(from, to, 'REPLACE')
    return this.#acked(call, [rename ? 'rename' : 'copy', from, to])
  }

  #flush(): Promise<void> {
    this.#history.wiped(this.#named(''))
    return this.#acked(this.#client.flushdb(), ['flushdb'])
  }

  /** To another database than the selected one, where it is read next. */
  async #elsewhere(random: Random, caller: Caller): Promise<void> {
    const name = caller.key('s')
    const other = (this.#db + 1) % DATABASES
    const content = this.#history.now(this.#named(name))
    if (content === undefined) return
    // MOVE does nothing when the key exists there.
    const moves = random.chance(0.5) && this.#history.now(this.#named(name, other)) === undefined
    if (moves) this.#history.wrote(this.#named(name), undefined)
    this.#history.wrote(this.#named(name, other), content)
    const call = moves ? this.#client.move(name, other) : this.#client.copy(name, name, 'DB', other, 'REPLACE')
    const over = [this.#acked(call, ['elsewhere', name, other]), this.#select(other)]
    for (let again = 0; again < 3; again += 1) over.push(this.#look({ key: name, words: ['get', name], of: asText }))
    await Promise.all(over)
  }

  #select(db: number): Promise<void> {
    this.#db = db
    return this.#acked(this.#client.select(db), ['select', db])
  }
}

async function nth(answers: Promise<[Error | null, unknown][]>, index: number): Promise<unknown> {
  const [error, answer] = (await answers)[index] ?? [new Error('no answer'), undefined]
  if (error !== null) throw error
  return answer
}

/** Hashes come as lists of fields and values from call(), or as objects. */
function plain(told: unknown): unknown {
  return told instanceof Map ? Object.fromEntries(told) : told
}

function same(expected: unknown, told: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return expected === told
  if (Array.isArray(told) && !Array.isArray(expected)) {
    const pairs = Array.from(
      { length: told.length / 2 },
      (_, index) => told.slice(2 * index, 2 * index + 2) as [string, string]
    )
    return same(expected, Object.fromEntries(pairs))
  }
  const sorted = (value: object): string =>
    Array.isArray(value)
      ? JSON.stringify(value)
      : JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  return typeof told === 'object' && told !== null && sorted(expected) === sorted(told)
}
