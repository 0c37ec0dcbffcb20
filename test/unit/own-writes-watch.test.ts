import { Command } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OwnWritesWatch } from '../../src/runtime/own-writes-watch.js'
import type { ReplicaConnection } from '../../src/runtime/replica-connection.js'

const REPLICA = { key: '10.0.0.2:6379' } as ReplicaConnection

/** Whether a replica that nobody has asked may answer this read after that call went to the primary. */
function mayAnswer(read: string, after: string): boolean {
  const watch = new OwnWritesWatch({
    askPrimary: () => undefined,
    replicas: () => [REPLICA],
    onProgress: () => undefined
  })
  watch.wrote(commandOf(after), 0)
  return watch.fitFor([commandOf(read)], 0)?.(REPLICA) ?? true
}

function commandOf(words: string): Command {
  const [name = '', ...args] = words.split(' ')
  return new Command(name, args)
}

describe('a read after a call of this client goes to a replica', () => {
  it.each([
    ['get k', 'set k v', false],
    ['get k', 'SET k v', false],
    ['get k', 'set other v', true],
    ['get k', 'get k', true],
    ['get k', 'ping', true],
    ['get k', 'module.write k', false],
    ['xinfo groups s', 'xgroup create s g $', false],
    ['xinfo groups s', 'xgroup create other g $', true],
    ['xinfo groups s', 'xgroup help', true],
    ['get k', 'rename other k', false],
    ['get k', 'copy other k', false],
    ['get k', 'copy other another', true],
    ['get k', 'copy other another DB 1', false],
    ['get k', 'move other 1', false],
    ['get k', 'eval script 1 k', false],
    ['get k', 'eval script 1 other', true],
    ['get k', 'eval script 0', false],
    ['get k', 'swapdb 0 1', false],
    ['get k', 'flushall', false],
    ['fcall_ro f 1 k', 'function load code', false],
    ['get k', 'config set save 60', true],
    ['get k', 'multi', true],
    ['get k', 'exec', true],
    ['get k', 'EXEC', true]
  ])('%s after %s: %s', (read, write, expected) => {
    expect(mayAnswer(read, write)).toBe(expected)
  })
})

describe('a replica that is behind', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** A primary and a replica that stand where a test says. */
  class Group {
    primary = 0
    replica = 0
    primaryIsGone = false
    readonly connection = { key: REPLICA.key, session: 1, ask: () => Promise.resolve(this.#tells('slave')) }
    readonly watch = new OwnWritesWatch({
      askPrimary: () => (this.primaryIsGone ? undefined : Promise.resolve(this.#tells('master'))),
      replicas: () => [this.connection as unknown as ReplicaConnection],
      onProgress: () => undefined
    })

    /** 100 bytes of replication each. */
    write(words: string): void {
      this.watch.wrote(commandOf(words), 0)
      this.primary += 100
    }

    /** Reads until what is asked about it has been answered, and tells whether the replica may answer. */
    async mayAnswer(words: string): Promise<boolean> {
      for (let tries = 0; tries < 3; tries += 1) {
        this.watch.fitFor([commandOf(words)], 0)
        await vi.advanceTimersByTimeAsync(60)
      }
      return this.watch.fitFor([commandOf(words)], 0)?.(this.connection as unknown as ReplicaConnection) ?? true
    }

    #tells(role: 'master' | 'slave'): string {
      if (role === 'master') return `role:master\r\nmaster_replid:h\r\nmaster_repl_offset:${this.primary}\r\n`
      const link = this.primaryIsGone
        ? 'master_link_status:down\r\nmaster_sync_in_progress:0\r\nmaster_link_down_since_seconds:3'
        : 'master_link_status:up'
      return `role:slave\r\n${link}\r\nmaster_replid:h\r\nslave_repl_offset:${this.replica}\r\n`
    }
  }

  it('answers for what it holds, while others are written all the time', async () => {
    const group = new Group()
    group.write('set old v')
    expect(await group.mayAnswer('get old')).toBe(false)
    group.replica = group.primary
    group.write('set new v')
    expect(await group.mayAnswer('get old')).toBe(true)
    expect(await group.mayAnswer('get new')).toBe(false)
    expect(await group.mayAnswer('get other')).toBe(true)
  })

  it('answers for what it held before, when it is connected anew with old data', async () => {
    const group = new Group()
    group.write('set old v')
    group.replica = group.primary
    expect(await group.mayAnswer('get old')).toBe(true)
    group.write('set new v')
    group.connection.session += 1
    group.watch.forget(group.connection as unknown as ReplicaConnection)
    expect(group.watch.fitFor([commandOf('get old')], 0)).toBeTypeOf('function')
    expect(await group.mayAnswer('get old')).toBe(true)
    expect(await group.mayAnswer('get new')).toBe(false)
    expect(group.watch.fitFor([commandOf('get never')], 0)).toBeUndefined()
  })

  it('answers for what it held when the primary was asked last, when that is gone and it is connected anew', async () => {
    const group = new Group()
    group.write('set old v')
    group.replica = group.primary
    expect(await group.mayAnswer('get old')).toBe(true)
    group.write('set new v')
    group.primaryIsGone = true
    group.watch.forget(group.connection as unknown as ReplicaConnection)
    expect(await group.mayAnswer('get old')).toBe(true)
    expect(await group.mayAnswer('get new')).toBe(false)
    group.replica -= 1
    group.watch.forget(group.connection as unknown as ReplicaConnection)
    expect(await group.mayAnswer('get old')).toBe(false)
  })

  it('is not trusted any more when the primary is another one', async () => {
    const group = new Group()
    group.write('set old v')
    group.replica = group.primary
    expect(await group.mayAnswer('get old')).toBe(true)
    group.watch.forgetAll()
    group.replica -= 1
    expect(await group.mayAnswer('get old')).toBe(false)
  })
})
