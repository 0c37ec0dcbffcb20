import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import {
  type LocalNode,
  type LocalProcess,
  type LocalSentinel,
  type LocalTopology,
  startTopology
} from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/cli/doctor/rule.js'
import { RULES } from '../../src/cli/doctor/rules/all.js'
import { Child } from './child.js'
import { codesOf, configured, everywhere, findings, keyOf, type Asked } from './support/examined.js'
import { Front } from './support/front.js'
import { SENTINEL_RIGHTS } from './support/least-rights.js'
import { NO_OUTSIDE, OUTSIDE } from './support/outside.js'
import { eventually } from './support/server-view.js'
import { startBareGroup, type BareGroup } from './support/bare-group.js'
import { COMMAND_LINE } from './support/command-line.js'

const PASSWORD = 'doctor-secret'
const FRONT_HOST = '127.199.0.1'
const SECOND_FRONT_HOST = '127.199.0.2'
const NEED_OUTSIDE = ['loopback-announced', 'protected-mode']

let group: LocalTopology
let primary: LocalNode
/** The second of the replicas is announced at an address where something stands before it. */
let replica: LocalNode
let fronted: LocalNode
let front: Front
let sentinels: readonly LocalSentinel[]
let bare: BareGroup

const provoked = new Set<string>()

beforeAll(async () => {
  let nodes = 0
  const starting = startTopology({
    password: PASSWORD,
    downAfterMs: 20_000,
    failoverTimeoutMs: 15_000,
    config: { 'min-replicas-to-write': '1' },
    // A group that has seen failovers: one that is told of anew begins at 0.
    sentinelConfig: { sentinel: 'config-epoch mymaster 5' },
    hostname: (kind, { host, port }) => {
      if (kind === 'node') nodes += 1
      if (kind !== 'node' || nodes !== 3) return host
      front = new Front({ host: FRONT_HOST, port }, { host, port })
      return FRONT_HOST
    }
  })
  ;[group, bare] = await Promise.all([starting, startBareGroup()])
  const [first, second, third] = group.nodes
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are no three nodes')
  ;[primary, replica, fronted] = [first, second, third]
  sentinels = group.sentinels
})

afterAll(async () => {
  await Promise.all([group.stop(), bare.stop()])
  await front[Symbol.asyncDispose]()
})

type Undo = () => unknown

const tell = (...words: readonly string[]): Promise<unknown> =>
  Promise.all(sentinels.map((sentinel) => sentinel.command('SENTINEL', ...words)))

async function setting(directive: string, value: string, before: string, count = 3): Promise<Undo> {
  const some = sentinels.slice(0, count)
  const set = (to: string): Promise<unknown> =>
    Promise.all(some.map((one) => one.command('SENTINEL', 'SET', 'mymaster', directive, to)))
  await set(value)
  return () => set(before)
}

async function protect(): Promise<Undo> {
  await replica.command('CONFIG', 'SET', 'requirepass', '', 'protected-mode', 'yes')
  return () => replica.command('CONFIG', 'SET', 'requirepass', PASSWORD, 'protected-mode', 'no')
}

async function user(servers: readonly LocalProcess[], name: string, ...rules: readonly string[]): Promise<Undo> {
  await Promise.all(servers.map((one) => one.command('ACL', 'SETUSER', name, 'reset', 'on', `>${PASSWORD}`, ...rules)))
  return () => Promise.all(servers.map((one) => one.command('ACL', 'DELUSER', name)))
}

/** Provokes, waits for exactly these findings, looks at the first, and undoes what was done. */
async function finds(
  codes: readonly string[],
  provoke: () => Promise<Undo>,
  { asked = {}, at, read }: { asked?: Partial<Asked>; at?: string | undefined; read?: RegExp } = {}
): Promise<void> {
  const undo = await provoke()
  try {
    await shows(codes, { url: group.url, ...asked }, at, read)
  } finally {
    await undo()
  }
}

async function shows(codes: readonly string[], asked: Asked, at?: string, read?: RegExp): Promise<void> {
  let found = await findings(asked)
  const [code] = codes
  await eventually(async () => {
    found = await findings(asked)
    expect(codesOf(found), found.map(({ evidence }) => evidence).join('\n')).toEqual([...codes].sort())
    // Where a server is announced anew, some still list it as it was.
    const meant = found.filter((finding) => finding.code === code && (at === undefined || finding.at === at))
    expect(meant, `${code} at ${at}`).not.toEqual([])
    if (read !== undefined) expect(meant[0]?.evidence).toMatch(read)
  }, 15_000)
  const texts = found.flatMap(({ evidence, remedy }) => [evidence, remedy]).join('\n')
  expect(texts).not.toMatch(/\{\w+\}|undefined|NaN/)
  expect(texts).not.toContain(PASSWORD)
  for (const each of codes) provoked.add(each)
}

it('finds nothing in a group in which all is well', async () => {
  await eventually(async () => expect(await findings({ url: group.url })).toEqual([]))
})

describe('the command', () => {
  const doctor = async (...args: readonly string[]) => {
    await using child = new Child(COMMAND_LINE, ['doctor', ...args])
    const exitCode = await child.ended()
    expect(child.stdout).not.toContain(PASSWORD)
    return { exitCode, stdout: child.stdout, stderr: child.stderr }
  }

  it('ends with 0 when there is nothing, and says what it has looked at', async () => {
    const { exitCode, stdout } = await doctor('--url', group.url)
    expect(stdout).toBe('mymaster  3 of 3 sentinels and 3 of 3 nodes examined\n\nnothing found\n')
    expect(exitCode).toBe(0)
  })

  it('ends with 1 when there are warnings, and prints JSON', async () => {
    const { exitCode, stdout } = await doctor('--url', group.url, '--client-deadline', '3000', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'mymaster',
      worst: 'warning',
      examined: { sentinels: [{ error: null }, { error: null }, { error: null }], nodes: [{}, {}, {}] },
      findings: [
        { code: 'deadline-short', severity: 'warning', at: null, remedy: expect.stringMatching(/25000 ms/) as string }
      ]
    })
    expect(exitCode).toBe(1)
  })

  it('ends with 4 when there are errors, a wrong password for one', async () => {
    const { exitCode, stdout } = await doctor('--url', group.url.replace(PASSWORD, 'wrong'), '--timeout', '1500')
    expect(stdout).toMatch(
      /^error {2}no-primary\n {2}A client gets no connection[^]*\n {2}read {4}connecting as a client: .*WRONGPASS/m
    )
    expect(stdout.match(/^ {2}read {4}127\.\S+: from here: .*WRONGPASS.*; 127\..* says /gm)).toHaveLength(3)
    expect(stdout).toMatch(/^ {2}remedy {2}see what else is found here/m)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('4 errors, 0 warnings, 0 notes')
    expect(exitCode).toBe(4)
  })

  it('ends with 3 when no sentinel can be asked', async () => {
    const nobody = ['--sentinels', '127.0.0.1:1', '--name', 'mymaster', '--timeout', '500']
    const [{ exitCode, stdout }, json] = await Promise.all([doctor(...nobody), doctor(...nobody, '--json')])
    expect(stdout).toMatch(/^unreachable: no sentinel can be asked; 127\.0\.0\.1:1: cannot be reached: /)
    expect(exitCode).toBe(3)
    expect(JSON.parse(json.stdout)).toEqual({
      name: 'mymaster',
      worst: 'unreachable',
      problems: ['no sentinel can be asked', expect.stringMatching(/^127\.0\.0\.1:1: cannot be reached: /)],
      examined: {
        sentinels: [{ address: '127.0.0.1:1', error: expect.stringMatching(/ECONNREFUSED/) as string }],
        nodes: []
      },
      findings: []
    })
    expect(json.exitCode).toBe(3)
  })

  it('ends with 0 for a user of the sentinels who has the rights of docs/security.md, and says what it could not look at', async () => {
    const undo = await user(sentinels, 'watcher', ...SENTINEL_RIGHTS.split(' '))
    const url = `${group.url}?sentinelUsername=watcher&sentinelPassword=${PASSWORD}`
    try {
      const { exitCode, stdout } = await doctor('--url', url, '--json')
      const { worst, findings: found } = JSON.parse(stdout) as { worst: string; findings: readonly Finding[] }
      expect(found.map(({ code, at }) => [code, at])).toEqual(sentinels.map((one) => ['not-examined', keyOf(one)]))
      expect(found[0]?.evidence).toMatch(/^SENTINEL CONFIG: NOPERM [^;]*; SENTINEL CKQUORUM: NOPERM [^;]*$/)
      expect([worst, exitCode]).toEqual(['note', 0])
    } finally {
      await undo()
    }
  })

  it('says which names the sentinels know when it is another', async () => {
    const { exitCode, stdout } = await doctor('--url', group.url.replace('/mymaster', '/orders'))
    expect(stdout).toMatch(/no-primary[^]*know no group "orders"; they know: mymaster/)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 error, 0 warnings, 0 notes')
    expect(exitCode).toBe(4)
  })

  it.each([
    [['--sentinels', 'a:1'], /--name is missing/],
    [['--max-lag', '5'], /from 1000 to/],
    [['--url', 'x', 'mymaster'], /too many arguments/]
  ] as const)('ends with 2 after %j', async (args, said) => {
    const { exitCode, stdout, stderr } = await doctor(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(said)
  })

  it('documents its exit codes', async () => {
    const { exitCode, stdout } = await doctor('--help')
    expect(stdout).toMatch(
      /Exit codes:\n {2}0 {2}nothing worse than notes\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 {2}errors/
    )
    expect(exitCode).toBe(0)
  })
})

describe('of the nodes it finds', () => {
  it('min-replicas-off', () =>
    finds(['min-replicas-off'], () => configured(primary, 'min-replicas-to-write', '0'), {
      at: keyOf(primary),
      read: /min-replicas-to-write says 0/
    }))

  it('min-replicas-off by a lag of 0, with which no replica is missing', () =>
    finds(['min-replicas-off'], () => configured(primary, 'min-replicas-max-lag', '0'), {
      at: keyOf(primary),
      read: /min-replicas-to-write says 1, which counts as 0: min-replicas-max-lag says 0$/
    }))

  it('min-replicas-too-many', () =>
    finds(['min-replicas-too-many'], () => configured(replica, 'min-replicas-to-write', '2'), { at: keyOf(replica) }))

  it('min-replicas-unsatisfied', () =>
    finds(
      ['min-replicas-unsatisfied', 'min-replicas-too-many'],
      () => configured(primary, 'min-replicas-to-write', '3'),
      { at: keyOf(primary), read: /says 3; INFO replication lists 2 that are online/ }
    ))

  it('replica-writable', () =>
    finds(['replica-writable'], () => configured(replica, 'replica-read-only', 'no'), { at: keyOf(replica) }))

  it('no-candidate', () => finds(['no-candidate'], () => everywhere([replica, fronted], 'replica-priority', '0')))

  it('persistence-off', () =>
    finds(['persistence-off'], () => configured(primary, 'appendonly', 'no'), { at: keyOf(primary) }))

  it('snapshots-only', () =>
    finds(
      ['snapshots-only'],
      async () => {
        const undos = [await configured(primary, 'save', '3600 1'), await configured(primary, 'appendonly', 'no')]
        return async () => {
          for (const undo of undos) await undo()
        }
      },
      {
        at: keyOf(primary),
        read: /appendonly no and save "3600 1", of a primary; INFO persistence says rdb_last_save_time:\d{10}, 20\d\d-/
      }
    ))

  it('persistence-failing', () =>
    finds(
      ['persistence-failing'],
      async () => {
        // A folder that has the name of the file.
        const name = join(replica.directory, 'dump.rdb')
        rmSync(name, { force: true })
        mkdirSync(name)
        await replica.command('BGSAVE')
        return async () => {
          rmdirSync(name)
          await eventually(async () => expect(String(await replica.command('BGSAVE'))).toMatch(/started/))
          await eventually(async () =>
            expect(String(await replica.command('INFO', 'persistence'))).toContain('rdb_last_bgsave_status:ok')
          )
        }
      },
      { at: keyOf(replica), read: /rdb_last_bgsave_status:err/ }
    ))

  /** So many clients at the primary that a node for 56 is four fifths full of them. */
  async function crowdedFor(node: LocalNode): Promise<Undo> {
    const idle = Array.from({ length: 40 }, () => connect(primary.address.port, primary.ip))
    await eventually(async () => {
      const [, clients] = /connected_clients:(\d+)/.exec(String(await primary.command('INFO', 'clients'))) ?? []
      expect(Number(clients)).toBeGreaterThan(45)
    })
    const undo = await configured(node, 'maxclients', '56')
    return async () => {
      await undo()
      for (const socket of idle) socket.destroy()
    }
  }

  it('maxclients-near', () =>
    finds(['maxclients-near'], () => crowdedFor(primary), { at: keyOf(primary), read: /^INFO clients says / }))

  it('maxclients-near at a replica that would be full of the primary’s clients', () =>
    finds(['maxclients-near'], () => crowdedFor(replica), {
      at: keyOf(replica),
      read: /^INFO clients of the primary, 127\.\S+, says connected_clients:\d+; CONFIG GET maxclients says 56$/
    }))

  /** Starts the replica again with these lines of redis.conf. */
  async function renaming(...lines: readonly string[]): Promise<Undo> {
    const file = join(replica.directory, 'server.conf')
    const before = readFileSync(file, 'utf8')
    const restart = async (text: string): Promise<void> => {
      writeFileSync(file, text)
      await replica.restart()
      await group.settled()
    }
    await restart(`${before}${lines.map((line) => `rename-command ${line}\n`).join('')}`)
    return () => restart(before)
  }

  it('command-renamed', () =>
    finds(['command-renamed'], () => renaming('EXEC ""'), {
      at: keyOf(replica),
      read: /^ACL DRYRUN default: ERR Command 'exec' not found; unless every sentinel was told its new name, no failover to it succeeds$/
    }))

  it('command-renamed of INFO, with what could not be looked at for that, and what could', () =>
    finds(
      ['command-renamed', 'not-examined', 'replica-writable'],
      async () => {
        const undo = await renaming('INFO another-info')
        const forbid = await configured(replica, 'replica-read-only', 'no')
        return async () => {
          await forbid()
          await undo()
        }
      },
      { at: keyOf(replica), read: /'info'.*; unless every sentinel was told its new name, no failover to it succeeds$/ }
    ))

  it('command-renamed of CONFIG, with what could not be looked at for that', () =>
    finds(['command-renamed', 'not-examined'], () => renaming('CONFIG another-config'), {
      at: keyOf(replica),
      read: /Command 'config' not found|unknown command 'CONFIG'/
    }))

  it('memory-near', () => finds(['memory-near'], () => everywhere(group.nodes, 'maxmemory', '1')))

  it('maxmemory-differs', () => finds(['maxmemory-differs'], () => configured(replica, 'maxmemory', '1gb')))

  it('replica-buffer-small', () =>
    finds(
      ['replica-buffer-small'],
      async () => {
        await replica.command('CONFIG', 'SET', 'client-output-buffer-limit', 'replica 1mb 1mb 60')
        return () => replica.command('CONFIG', 'SET', 'client-output-buffer-limit', 'replica 256mb 64mb 60')
      },
      { at: keyOf(replica), read: /1 MiB at once/ }
    ))

  it('backlog-small', () =>
    finds(
      ['backlog-small'],
      async () => {
        const undo = await configured(primary, 'repl-backlog-size', '16kb')
        const writer = new Redis({ host: primary.ip, port: primary.address.port, password: PASSWORD })
        const writing = setInterval(() => void writer.set('key', 'x'.repeat(4_096)), 5)
        return async () => {
          clearInterval(writing)
          await writer.quit()
          await undo()
        }
      },
      { at: keyOf(primary), read: /16 KiB; INFO stats: .* to each of 2 replicas/ }
    ))

  it('config-file-missing, no-replica and sentinels-few', async () => {
    await shows(['config-file-missing', 'no-replica', 'sentinels-few'], bare, keyOf(bare.primary))
  })
})

describe('of two nodes without a password it finds', () => {
  let pair: LocalTopology

  beforeAll(async () => {
    pair = await startTopology({
      replicas: 1,
      downAfterMs: 20_000,
      failoverTimeoutMs: 15_000,
      config: { 'min-replicas-to-write': '1' }
    })
  })
  afterAll(() => pair.stop())

  it('replicas-few, which leaves the exit code 0', async () => {
    await shows(['replicas-few'], pair, undefined, /^SENTINEL REPLICAS mymaster: 1 in all; .* says 1 by 127\..*, 127\./)
    await using child = new Child(COMMAND_LINE, ['doctor', '--url', pair.url])
    expect(await child.ended()).toBe(0)
    expect(child.stdout).toMatch(/\n\n0 errors, 0 warnings, 1 note\n$/)
  })

  it('nothing else where that replica is not needed to write', async () => {
    const undo = await everywhere(pair.nodes, 'min-replicas-to-write', '0')
    await shows(['replicas-few'], pair, undefined, / says 0 by 127\..*, 127\./)
    await undo()
  })

  it('primary-password-wrong of one that gives a password without a user, which the other refuses', async () => {
    const [first, second] = pair.nodes as [LocalNode, LocalNode]
    await second.command('CONFIG', 'SET', 'masterauth', 'unasked')
    await first.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await shows(
      ['primary-password-wrong', 'replica-link-down', 'min-replicas-unsatisfied', 'replicas-few'],
      pair,
      keyOf(second),
      /^CONFIG GET masterauth for the user default, by ACL LIST: nopass, with which AUTH without a user is refused at 127/
    )
    expect(second.logs()).toMatch(/Unable to AUTH to \w+: -ERR AUTH <password> called without any password/)
    await second.command('CONFIG', 'SET', 'masteruser', 'default')
    await pair.settled()
    await shows(['replicas-few'], pair)
  })
})

describe('of access it finds', () => {
  it('primary-password-missing', () =>
    finds(['primary-password-missing'], () => configured(replica, 'masterauth', ''), { at: keyOf(replica) }))

  it('primary-password-wrong of the present primary, which is well until it is a replica', () =>
    finds(['primary-password-wrong'], () => configured(primary, 'masterauth', 'another-secret'), {
      at: keyOf(primary),
      read: /^CONFIG GET masterauth for the user default, by ACL LIST: none of its passwords at 127\.\S+, 127\.\S+$/
    }))

  it('no protected-mode, where all of the group are on one machine', () =>
    finds(['users-differ', 'primary-password-wrong'], protect, { read: /default is at / }))

  it('open-to-all', () =>
    finds(
      ['open-to-all', 'users-differ', 'primary-password-wrong'],
      async () => {
        await replica.command('CONFIG', 'SET', 'requirepass', '', 'bind', '0.0.0.0')
        return () => replica.command('CONFIG', 'SET', 'requirepass', PASSWORD, 'bind', replica.ip)
      },
      { at: keyOf(replica) }
    ))

  it('users-differ', () =>
    finds(['users-differ'], () => user([replica], 'app', '+get'), {
      read: /app is at 127\.\S+; not at 127\.\S+, 127\./
    }))

  it('client-rights', () =>
    finds(['client-rights'], () => user(group.nodes, 'app', '~*', '+@all', '-info'), {
      asked: { clientUser: 'app' },
      at: keyOf(primary),
      read: /app lacks \+info$/
    }))

  it('client-rights of a user who is nowhere', () =>
    finds(['client-rights'], async () => () => undefined, {
      asked: { clientUser: 'nobody' },
      read: /lacks the user itself/
    }))

  it('replication-rights', () =>
    finds(
      ['replication-rights'],
      async () => {
        const without = await user(group.nodes, 'follower', '+ping', '+replconf')
        await replica.command('CONFIG', 'SET', 'masteruser', 'follower')
        return async () => {
          await replica.command('CONFIG', 'SET', 'masteruser', '')
          await without()
        }
      },
      { at: keyOf(replica), read: /follower lacks \+psync$/ }
    ))

  it('not-examined', () =>
    finds(['not-examined'], () => user(group.nodes, 'looker', '+info', '+ping', '+client|setname'), {
      asked: { url: group.url.replace('//:', '//looker:') },
      at: keyOf(primary),
      read: /CONFIG GET: NOPERM.*ACL LIST: NOPERM/
    }))

  it('not-examined of INFO at nodes, and what CONFIG GET tells of them', () =>
    finds(
      ['not-examined', 'min-replicas-off'],
      async () => {
        const forget = await user(group.nodes, 'looker', '~*', '&*', '+@all', '-info')
        const undo = await configured(replica, 'min-replicas-to-write', '0')
        return async () => {
          await undo()
          await forget()
        }
      },
      { asked: { url: group.url.replace('//:', '//looker:') }, at: keyOf(primary), read: /^INFO: NOPERM [^;]*$/ }
    ))

  it('not-examined of INFO at sentinels, and what they tell of the group', () =>
    finds(
      ['not-examined', 'quorum-not-majority'],
      async () => {
        const forget = await user(sentinels, 'watcher', '&*', '+@all', '-info')
        const undo = await setting('quorum', '3', '2')
        return async () => {
          await undo()
          await forget()
        }
      },
      {
        asked: { url: `${group.url}?sentinelUsername=watcher&sentinelPassword=${PASSWORD}` },
        at: keyOf(sentinels[0] as LocalSentinel),
        read: /^INFO: NOPERM [^;]*$/
      }
    ))

  it('node-unreachable of one that says BUSY to every question', () =>
    finds(
      ['node-unreachable'],
      async () => {
        const undo = await configured(replica, 'lua-time-limit', '1')
        const script = new Redis({ host: replica.ip, port: replica.address.port, password: PASSWORD })
        const running = script.eval('while true do end', 0).catch((error: Error) => error.message)
        await eventually(async () => {
          await expect(replica.command('PING')).rejects.toThrow(/^BUSY/)
        })
        return async () => {
          await replica.command('SCRIPT', 'KILL')
          expect(await running).toMatch(/SCRIPT KILL/)
          script.disconnect()
          await undo()
        }
      },
      { at: keyOf(replica), read: /^from here: BUSY .*; 127\..* says slave/ }
    ))

  it('node-unreachable of one that takes no more clients, in its words', () =>
    finds(
      ['node-unreachable'],
      async () => {
        const [, before = ''] = (await replica.command('CONFIG', 'GET', 'maxclients')) as readonly string[]
        const link = new Redis({ host: replica.ip, port: replica.address.port, password: PASSWORD })
        await link.config('SET', 'maxclients', '1')
        return async () => {
          await link.config('SET', 'maxclients', before)
          link.disconnect()
        }
      },
      { at: keyOf(replica), read: /^from here: ERR max number of clients reached; 127\..* says slave/ }
    ))

  it('replica-link-down', () =>
    finds(
      ['replica-link-down', 'primary-password-wrong'],
      async () => {
        const undo = await configured(replica, 'masterauth', 'wrong')
        await primary.command('CLIENT', 'KILL', 'TYPE', 'replica')
        return async () => {
          await undo()
          await group.settled()
        }
      },
      { at: keyOf(replica), read: /master_link_status:down/ }
    ))

  it('node-unusable, and primary-suspected when that has lasted', () =>
    finds(
      ['primary-suspected', 'node-unusable', 'settings-differ'],
      async () => {
        const undo = await setting('down-after-milliseconds', '1000', '20000', 1)
        await setting('auth-pass', 'wrong', '', 1)
        return async () => {
          await setting('auth-pass', PASSWORD, '', 1)
          await undo()
          await group.settled()
        }
      },
      { at: keyOf(sentinels[0] as LocalSentinel), read: /flags of .*: s_down/ }
    ))
})

describe('of a replica at an announced address it finds', () => {
  it('node-unreachable', () =>
    finds(
      ['node-unreachable'],
      async () => {
        front.refused = ['127.0.0.1']
        return () => (front.refused = [])
      },
      { at: keyOf(fronted), read: /^from here: .*; 127\..* says slave/ }
    ))

  it('protected-mode of one that tells nobody else more than that', async (context) => {
    if (OUTSIDE === undefined) return context.skip(NO_OUTSIDE)
    await finds(
      ['protected-mode'],
      async () => {
        await fronted.command('CONFIG', 'SET', 'requirepass', '', 'protected-mode', 'yes')
        front.from = OUTSIDE
        return async () => {
          front.from = undefined
          await fronted.command('CONFIG', 'SET', 'requirepass', PASSWORD, 'protected-mode', 'no')
        }
      },
      { at: keyOf(fronted), read: /^from here: DENIED .*protected mode because [^.]*$/ }
    )
  })

  it('clock-skew', () =>
    finds(
      ['clock-skew'],
      async () => {
        front.rewrite = (text) =>
          text.replace(/server_time_usec:(\d+)/, (_, time: string) => `server_time_usec:${BigInt(time) + 90_000_000n}`)
        return () => (front.rewrite = (text) => text)
      },
      { at: keyOf(fronted), read: /(89\.|90\.)\d s .* ahead of/ }
    ))

  it('versions-differ', () =>
    finds(
      ['versions-differ'],
      async () => {
        front.rewrite = (text) =>
          text.replace(
            /((?:redis|valkey)_version:\d+\.\d+\.\d*?)(\d)\r/g,
            (_, most: string, last: string) => `${most}${(Number(last) + 1) % 10}\r`
          )
        return () => (front.rewrite = (text) => text)
      },
      { read: /INFO server of the nodes/ }
    ))

  it('replica-lag of one that is frozen, and node-down of one that is dead', async () => {
    await replica.freeze()
    await shows(
      ['replica-lag', 'node-unreachable'],
      { url: group.url, maxLagMs: 1_000 },
      keyOf(replica),
      /last acknowledged \d+ s ago/
    )
    await replica.kill()
    await shows(
      ['node-down'],
      { url: group.url },
      keyOf(replica),
      /from here: .*ECONNREFUSED.*; 127\..* says .*disconnected/
    )
    await replica.start()
    await group.settled()
  })
})

describe('of roles it finds', () => {
  it('several-primaries', () =>
    finds(
      ['several-primaries'],
      async () => {
        await replica.command('REPLICAOF', 'NO', 'ONE')
        return follow
      },
      { at: keyOf(replica) }
    ))

  it('follows-another', () =>
    finds(
      ['follows-another'],
      async () => {
        await replica.command('REPLICAOF', fronted.address.host, String(fronted.address.port))
        return follow
      },
      { at: keyOf(replica), read: /follows 127\.199\.0\.1:/ }
    ))

  const follow = async (): Promise<void> => {
    await replica.command('REPLICAOF', primary.address.host, String(primary.address.port))
    await group.settled()
  }

  it('primary-is-replica, and no-primary with it', async () => {
    await bare.primary.command('REPLICAOF', '127.0.0.1', '1')
    await eventually(async () => {
      expect(codesOf(await findings(bare))).toEqual(expect.arrayContaining(['no-primary', 'primary-is-replica']))
    })
    provoked.add('no-primary').add('primary-is-replica')
  })
})

describe('of the sentinels’ settings it finds', () => {
  it('quorum-not-majority', () =>
    finds(['quorum-not-majority'], () => setting('quorum', '3', '2'), { read: /quorum 3; of 3 sentinels 2/ }))

  it('quorum-impossible', () =>
    finds(['quorum-impossible', 'quorum-not-majority'], () => setting('quorum', '4', '2'), { read: /NOQUORUM/ }))

  it('settings-differ', () =>
    finds(['settings-differ'], () => setting('parallel-syncs', '2', '1', 1), {
      read: /parallel-syncs .*2 by .*; 1 by /
    }))

  it('down-after-short', () =>
    finds(['down-after-short', 'settings-differ'], () => setting('down-after-milliseconds', '900', '20000', 1)))

  it('down-after-long', () => finds(['down-after-long'], () => setting('down-after-milliseconds', '60000', '20000')))

  it('failover-timeout-short', () =>
    finds(['failover-timeout-short'], () => setting('failover-timeout', '5000', '15000')))

  it('failover-timeout-long', () =>
    finds(['failover-timeout-long'], () => setting('failover-timeout', '180000', '15000')))

  it('deadline-short', () =>
    finds(['deadline-short'], async () => () => undefined, {
      asked: { clientDeadlineMs: 3_000 },
      read: /3000 ms; .* down-after-milliseconds 20000/
    }))

  it('hostnames-differ', () =>
    finds(['hostnames-differ'], async () => {
      await sentinels[0]?.command('SENTINEL', 'CONFIG', 'SET', 'announce-hostnames', 'yes')
      return () => sentinels[0]?.command('SENTINEL', 'CONFIG', 'SET', 'announce-hostnames', 'no')
    }))
})

describe('of a sentinel that is announced elsewhere it finds', () => {
  const last = (): LocalSentinel => sentinels[2] as LocalSentinel
  const asked = (): Partial<Asked> => ({ url: group.url.replace(`,${keyOf(last())}`, '') })

  async function announce(host: string, refused: readonly string[] = []): Promise<Undo> {
    const { port } = last().address
    const elsewhere = new Front({ host: host === 'localhost' ? '127.0.0.1' : host, port }, { host: last().ip, port })
    elsewhere.refused = refused
    await last().command('SENTINEL', 'CONFIG', 'SET', 'announce-ip', host)
    return async () => {
      await last().command('SENTINEL', 'CONFIG', 'SET', 'announce-ip', last().ip)
      await eventually(async () => expect(await findings({ url: group.url })).toEqual([]))
      await elsewhere[Symbol.asyncDispose]()
    }
  }

  it('sentinel-unreachable', () =>
    finds(['sentinel-unreachable'], () => announce(SECOND_FRONT_HOST, ['127.0.0.1']), {
      asked: asked(),
      at: `${SECOND_FRONT_HOST}:${last().address.port}`,
      read: /^from here: .*; 127\..* says sentinel/
    }))

  const unusable = (): Promise<Undo> =>
    announce(
      SECOND_FRONT_HOST,
      sentinels.slice(0, 2).map(({ ip }) => ip)
    )

  it('sentinel-unusable', () =>
    finds(['sentinel-unusable'], unusable, {
      asked: asked(),
      at: `${SECOND_FRONT_HOST}:${last().address.port}`,
      read: /^it answers here; 127\..* says .*disconnected$/
    }))

  it('sentinel-unusable of one that is asked where it is not announced', () =>
    finds(['sentinel-unusable'], unusable, {
      at: keyOf(last()),
      read: /^it answers here; 127\..* says .*disconnected of 127\.199\.0\.2:\d+$/
    }))

  it('loopback-announced, of those that are not outside', async (context) => {
    const outside = OUTSIDE
    if (outside === undefined) return context.skip(NO_OUTSIDE)
    await finds(['loopback-announced'], () => announce(outside), { asked: asked(), at: keyOf(primary) })
  })

  it('protected-mode, where one of the group is outside', async (context) => {
    const outside = OUTSIDE
    if (outside === undefined) return context.skip(NO_OUTSIDE)
    await finds(
      ['protected-mode', 'users-differ', 'primary-password-wrong', 'loopback-announced'],
      async () => {
        const undos = [await protect(), await announce(outside)]
        return async () => {
          for (const undo of undos) await undo()
        }
      },
      { asked: asked(), at: keyOf(replica) }
    )
  })

  it('names-mixed', () =>
    finds(
      ['names-mixed'],
      async () => {
        await tell('CONFIG', 'SET', 'resolve-hostnames', 'yes')
        await tell('CONFIG', 'SET', 'announce-hostnames', 'yes')
        const undo = await announce('localhost')
        return async () => {
          await undo()
          await tell('CONFIG', 'SET', 'announce-hostnames', 'no')
          await tell('CONFIG', 'SET', 'resolve-hostnames', 'no')
        }
      },
      { asked: asked(), read: /by name: localhost:\d+; by IP address: 127\./ }
    ))
})

describe('of sentinels that do not agree it finds, in this order', () => {
  it('sentinels-even', async () => {
    await group.addSentinel()
    await shows(['sentinels-even', 'quorum-not-majority'], { url: group.url })
  })

  it('sentinel-down', async () => {
    const added = group.sentinels[3] as LocalSentinel
    await added.kill()
    await shows(
      ['sentinel-down', 'sentinels-even', 'quorum-not-majority'],
      { url: group.url },
      keyOf(added),
      /from here: .*; 127\..* says .*disconnected/
    )
  })

  it('group-unknown', async () => {
    const [first] = sentinels
    await first?.command('SENTINEL', 'REMOVE', 'mymaster')
    await shows(
      ['group-unknown', 'sentinel-down', 'sentinels-even', 'quorum-not-majority'],
      { url: group.url },
      keyOf(first as LocalSentinel)
    )
  })

  it('primary-disagreement, epoch-disagreement and views-differ', async () => {
    // Without the password it hears nothing at the nodes. The others would greet it directly, and it would believe them.
    const { host, port } = replica.address
    const greet = (everyMs: string): Promise<unknown> =>
      Promise.all(sentinels.slice(1).map((one) => one.command('SENTINEL', 'DEBUG', 'publish-period', everyMs)))
    await greet('600000')
    await eventually(async () => {
      await sentinels[0]?.command('SENTINEL', 'REMOVE', 'mymaster').catch(() => undefined)
      await sentinels[0]?.command('SENTINEL', 'MONITOR', 'mymaster', host, String(port), '2')
      const found = await findings({ url: group.url })
      expect(codesOf(found)).toEqual(
        expect.arrayContaining(['epoch-disagreement', 'primary-disagreement', 'views-differ'])
      )
      const [said] = found.filter(({ code }) => code === 'primary-disagreement')
      expect(said?.evidence).toMatch(/config-epoch 0\) by .*config-epoch 5\) by .*, /)
    })
    await greet('2000')
    for (const code of ['epoch-disagreement', 'primary-disagreement', 'views-differ']) provoked.add(code)
  })

  it('tilt', async () => {
    const second = sentinels[1] as LocalSentinel
    await second.freeze()
    // The fault itself: longer than SENTINEL_TILT_TRIGGER of redis `sentinel.c`, 2 s.
    await sleep(2_500)
    await second.thaw()
    await eventually(async () => expect(codesOf(await findings({ url: group.url }))).toContain('tilt'))
    provoked.add('tilt')
  })

  it('sentinel-rights, and failover-under-way when that keeps a failover from ending', async () => {
    const third = sentinels[2] as LocalSentinel
    await user(group.nodes, 'watcher', '~*', '&*', '+@all', '-slaveof')
    for (const [directive, value] of [
      ['auth-user', 'watcher'],
      ['auth-pass', PASSWORD]
    ] as const)
      await third.command('SENTINEL', 'SET', 'mymaster', directive, value)
    await eventually(async () => {
      const found = await findings({ url: group.url })
      expect(found.find(({ code }) => code === 'sentinel-rights')?.evidence).toMatch(/watcher lacks \+slaveof$/)
    })
    await eventually(() => third.command('SENTINEL', 'FAILOVER', 'mymaster'))
    await eventually(async () => expect(codesOf(await findings({ url: group.url }))).toContain('failover-under-way'))
    provoked.add('sentinel-rights').add('failover-under-way')
  })
})

it('every rule was provoked, but for that of doctor-tls.test.ts', () => {
  const elsewhere = ['certificate-ends', ...(OUTSIDE === undefined ? NEED_OUTSIDE : [])]
  expect([...provoked, ...elsewhere].sort()).toEqual(RULES.map(({ code }) => code).sort())
})
