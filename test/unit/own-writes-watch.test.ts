import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'
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
