import { Command } from 'ioredis'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../../src/runtime/call.js'
import { markWritten, setOptions, writtenAt } from '../../src/runtime/call.js'
import { Session } from '../../src/runtime/session.js'
import type { Transaction } from '../../src/runtime/transaction.js'
import { transactionOf } from '../../src/runtime/transaction.js'

let session: Session

beforeEach(() => {
  session = new Session()
})

/** Issues a command; `written`: it went out on the connection. */
function issue(words: string, written = false): Call {
  const [name = '', ...args] = words.split(' ')
  const command: Call = new Command(name, args, { replyEncoding: 'utf8' })
  command.promise.catch(() => undefined)
  session.note(command)
  if (written) markWritten(command, 1)
  return command
}

function issueAll(words: readonly string[], written = false): Call[] {
  return words.map((one) => issue(one, written))
}

function transactionIn(commands: readonly Call[]): Transaction {
  const found = commands.map((command) => transactionOf(command)).find((one) => one !== undefined)
  if (found === undefined) throw new Error('no transaction')
  return found
}

describe('an open MULTI', () => {
  it('lasts to EXEC or DISCARD, and takes in all between', () => {
    for (const end of ['exec', 'EXEC', 'discard']) {
      const before = issue('get k')
      const [first, second] = issueAll(['multi', 'set k v'])
      expect(session.inTransaction).toBe(true)
      const last = issue(end)
      expect(session.inTransaction).toBe(false)
      const transaction = transactionOf(last)
      expect(transaction?.members).toEqual([first, second, last])
      expect(transaction?.complete).toBe(true)
      expect(transactionOf(before)).toBeUndefined()
      expect(transactionOf(issue('get k'))).toBeUndefined()
    }
  })

  it('is one of its own each time', () => {
    const first = transactionIn(issueAll(['multi', 'exec']))
    const second = transactionIn(issueAll(['multi', 'exec']))
    expect(second).not.toBe(first)
  })

  it('is over when the client is ended', () => {
    issueAll(['multi', 'set k v'], true)
    session.end()
    expect([session.inTransaction, session.open]).toEqual([false, undefined])
  })

  it('is bound to the connection once MULTI is written, until it is over', () => {
    const commands = issueAll(['multi', 'set k v'])
    const transaction = transactionIn(commands)
    expect([transaction.begun, transaction.bound]).toEqual([false, false])
    markWritten(commands[0] as Call, 1)
    expect([transaction.begun, transaction.bound]).toEqual([true, true])
    transaction.giveUp(new Error('over'))
    expect([transaction.begun, transaction.bound]).toEqual([true, false])
  })
})

describe('a MULTI that is open on the server', () => {
  const write = (...commands: readonly Call[]): void => {
    for (const command of commands) session.wrote(command)
  }

  it.each(['exec', 'DISCARD'])('admits nothing but its own, until %s is written', (end) => {
    const late = issue('incr k')
    const [multi, member, last] = issueAll(['multi', 'set k v', end]) as [Call, Call, Call]
    const later = issue('multi')
    expect([session.multiIsOpen, session.admits(late), session.admits(multi)]).toEqual([false, true, true])
    write(multi)
    expect(session.multiIsOpen).toBe(true)
    expect([late, member, last, later].map((command) => session.admits(command))).toEqual([false, true, true, false])
    write(member)
    expect([session.multiIsOpen, session.admits(late)]).toEqual([true, false])
    write(last)
    expect([session.multiIsOpen, session.admits(late), session.admits(later)]).toEqual([false, true, true])
  })

  it('is ended by a DISCARD that belongs to no transaction', () => {
    const late = issue('incr k')
    write(issue('multi'))
    const discard: Call = new Command('discard', [])
    expect([session.admits(late), session.admits(discard)]).toEqual([false, true])
    write(discard)
    expect([session.multiIsOpen, session.admits(late)]).toEqual([false, true])
  })

  it('is gone with its connection, and with the client', () => {
    for (const lose of [() => session.connectionLost(), () => session.end()]) {
      write(issue('multi'))
      expect(session.multiIsOpen).toBe(true)
      lose()
      expect(session.multiIsOpen).toBe(false)
      session.end()
    }
  })
})

describe('a transaction whose connection is lost', () => {
  it.each([
    ['is sent again when EXEC was not written', ['multi', 'incr k'], true, 'again'],
    ['is sent again when nothing of it was written', ['multi', 'incr k', 'exec'], false, 'again'],
    ['has an unknown outcome when EXEC was written', ['multi', 'incr k', 'exec'], true, 'unknown'],
    ['is sent again when it may take effect twice', ['multi', 'set k v', 'get k', 'exec'], true, 'again'],
    ['has an unknown outcome when one member may not', ['multi', 'set k v', 'incr k', 'exec'], true, 'unknown'],
    ['is sent again when DISCARD was written', ['multi', 'incr k', 'discard'], true, 'again']
  ] as const)('%s', (_, words, written, fate) => {
    expect(transactionIn(issueAll(words, written)).afterLoss()).toBe(fate)
  })

  it('with({ idempotent: true }) says that all of it may be repeated', () => {
    const commands = issueAll(['multi', 'incr k', 'exec'], true)
    setOptions(commands[1] as Call, { idempotent: true })
    expect(transactionIn(commands).afterLoss()).toBe('again')
  })

  it('was not executed when a member was refused', () => {
    const transaction = transactionIn(issueAll(['multi', 'incr k', 'exec'], true))
    transaction.refused = true
    expect(transaction.afterLoss()).toBe('again')
    transaction.restart()
    expect(transaction.refused).toBe(false)
    expect(transaction.members.map((member) => writtenAt(member))).toEqual([undefined, undefined, undefined])
  })
})

describe('watched keys', () => {
  it('bind what relies on them to the connection on which they were watched', () => {
    issue('watch k', true)
    expect(transactionIn(issueAll(['multi', 'incr k'])).bound).toBe(true)
  })

  it('that are lost before MULTI abort it', async () => {
    issue('watch k', true)
    session.connectionLost()
    const commands = issueAll(['multi', 'incr k'])
    const transaction = transactionIn(commands)
    expect(transaction.over).toBe(true)
    expect(await commands[0]?.promise).toBe('OK')
    const last = issue('exec')
    for (const command of [commands[1] as Call, last]) transaction.answer(command)
    expect(await commands[1]?.promise).toBe('QUEUED')
    expect(await last.promise).toBeNull()
  })

  it('that are lost within MULTI abort it: it must not run without its guard', () => {
    issue('watch k', true)
    const transaction = transactionIn(issueAll(['multi', 'incr k'], true))
    session.connectionLost()
    expect(transaction.afterLoss()).toBe('abort')
    issue('exec')
    expect(transaction.afterLoss()).toBe('abort')
  })

  it('that are lost while EXEC waits here abort it', () => {
    issue('watch k', true)
    const transaction = transactionIn(issueAll(['multi', 'incr k', 'exec']))
    session.connectionLost()
    expect(transaction.afterLoss()).toBe('abort')
  })

  it('leave the outcome unknown when EXEC was written', () => {
    issue('watch k', true)
    expect(transactionIn(issueAll(['multi', 'set k v', 'exec'], true)).afterLoss()).toBe('unknown')
  })

  it('that were lost abort one transaction, not the next', () => {
    issue('watch k', true)
    session.connectionLost()
    expect(transactionIn(issueAll(['multi', 'exec'])).over).toBe(true)
    expect(transactionIn(issueAll(['multi', 'exec'])).over).toBe(false)
  })

  it('are forgotten after EXEC, DISCARD and UNWATCH', () => {
    for (const words of [['multi', 'exec'], ['multi', 'discard'], ['unwatch']]) {
      issue('watch k', true)
      issueAll(words, true)
      session.connectionLost()
      expect(transactionIn(issueAll(['multi', 'exec'])).over).toBe(false)
    }
  })

  it('UNWATCH after the loss takes it back', () => {
    issue('watch k', true)
    session.connectionLost()
    issue('unwatch')
    expect(transactionIn(issueAll(['multi', 'exec'])).over).toBe(false)
  })

  it('that only wait here are for the next connection', () => {
    issue('watch k')
    session.connectionLost()
    const transaction = transactionIn(issueAll(['multi', 'incr k', 'exec']))
    expect([transaction.over, transaction.bound]).toEqual([false, false])
  })

  it('one that waits beside one that is lost is answered, and the transaction aborted', async () => {
    issue('watch a', true)
    const waiting = issue('watch b')
    session.connectionLost()
    expect(await waiting.promise).toBe('OK')
    expect(transactionIn(issueAll(['multi', 'exec'])).over).toBe(true)
  })
})

describe('a transaction that is given up', () => {
  it('fails in all its members, those that come later too', async () => {
    const reason = new Error('unknown outcome')
    const commands = issueAll(['multi', 'incr k'], true)
    const transaction = transactionIn(commands)
    transaction.giveUp(reason)
    transaction.giveUp(new Error('a second reason'))
    const last = issue('exec')
    transaction.answer(last)
    for (const command of [...commands, last]) await expect(command.promise).rejects.toBe(reason)
  })

  it('leaves answers that were given as they are', async () => {
    const [first, second] = issueAll(['multi', 'incr k'], true) as [Call, Call]
    first.resolve(Buffer.from('OK'))
    transactionIn([first]).giveUp(new Error('over'))
    expect(await first.promise).toBe('OK')
    await expect(second.promise).rejects.toThrow('over')
  })
})
