import { formatAddress } from '../../protocol/address.js'
import { describeOther, describePrimary, describeReplica } from './describe-group.js'
import type { FakeReply, Protocol } from './encode-reply.js'
import type { FakeGroup, FakeSentinelState } from './state.js'

/** What the fake sentinel remembers of one connection. */
export interface Session {
  readonly id: number
  protocol: Protocol
  authenticated: boolean
  readonly channels: Set<string>
  readonly patterns: Set<string>
}

const OK: FakeReply = { status: 'OK' }
const NO_SUCH_NAME: FakeReply = { error: 'ERR No such master with that name' }
const NO_AUTH: FakeReply = { error: 'NOAUTH Authentication required.' }
const WRONG_PASSWORD: FakeReply = { error: 'WRONGPASS invalid username-password pair or user is disabled.' }

/** The replies to one command, one after the other (SUBSCRIBE has one for each channel). Changes the session only. */
export function answer(args: readonly string[], session: Session, state: FakeSentinelState): FakeReply[] {
  const [command = '', ...rest] = args
  const word = command.toUpperCase()
  const needsAuth = state.password !== undefined && !session.authenticated
  if (needsAuth && word !== 'AUTH' && word !== 'HELLO') return [NO_AUTH]
  switch (word) {
    case 'HELLO':
      return [hello(rest, session, state)]
    case 'AUTH':
      return [login(rest, session, state) ? OK : WRONG_PASSWORD]
    case 'PING':
      return [ping(rest, session)]
    case 'CLIENT':
      return [rest[0]?.toUpperCase() === 'ID' ? session.id : OK]
    case 'INFO':
      return [info(state)]
    case 'ROLE':
      return [['sentinel', Object.keys(state.groups)]]
    case 'SUBSCRIBE':
    case 'PSUBSCRIBE':
    case 'UNSUBSCRIBE':
    case 'PUNSUBSCRIBE':
      return subscription(word, rest, session)
    case 'SENTINEL':
      return [sentinel(rest, state)]
    default:
      return [{ error: `ERR unknown command '${command}', with args beginning with: ${quoted(rest)}` }]
  }
}

function hello(args: readonly string[], session: Session, state: FakeSentinelState): FakeReply {
  const [version] = args
  if (version !== undefined && version !== '2' && version !== '3')
    return { error: 'NOPROTO unsupported protocol version' }
  const auth = args.findIndex((arg) => arg.toUpperCase() === 'AUTH')
  if (auth > 0 && !login(args.slice(auth + 1, auth + 3), session, state)) return WRONG_PASSWORD
  if (state.password !== undefined && !session.authenticated) {
    return {
      error:
        'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time'
    }
  }
  if (version !== undefined) session.protocol = version === '3' ? 3 : 2
  const { protocol: proto, id } = session
  return { map: { server: 'redis', version: state.version, proto, id, mode: 'sentinel', modules: [] } }
}

function login(args: readonly string[], session: Session, state: FakeSentinelState): boolean {
  const [username, password] = args.length === 1 ? ['default', args[0]] : args
  session.authenticated = username === (state.username ?? 'default') && password === state.password
  return session.authenticated
}

function ping(args: readonly string[], session: Session): FakeReply {
  const subscribed = session.channels.size + session.patterns.size > 0
  if (subscribed && session.protocol === 2) return ['pong', args[0] ?? '']
  return args[0] ?? { status: 'PONG' }
}

function info(state: FakeSentinelState): string {
  const groups = Object.entries(state.groups).map(([name, group], index) => {
    const down = group.flags?.includes('o_down') === true ? 'odown' : 'ok'
    const counts = `slaves=${group.replicas?.length ?? 0},sentinels=${(group.sentinels?.length ?? 0) + 1}`
    return `master${index}:name=${name},status=${down},address=${formatAddress(group.primary)},${counts}`
  })
  return [
    '# Server',
    `redis_version:${state.version}`,
    'redis_mode:sentinel',
    '',
    '# Sentinel',
    `sentinel_masters:${groups.length}`,
    `sentinel_tilt:${state.tilt ? 1 : 0}`,
    `sentinel_tilt_since_seconds:${state.tilt ? 1 : -1}`,
    ...groups,
    ''
  ].join('\r\n')
}

type SubscriptionWord = 'SUBSCRIBE' | 'PSUBSCRIBE' | 'UNSUBSCRIBE' | 'PUNSUBSCRIBE'

function subscription(word: SubscriptionWord, names: readonly string[], session: Session): FakeReply[] {
  const leaves = word.includes('UN')
  const set = word.startsWith('P') ? session.patterns : session.channels
  const all = names.length > 0 ? names : leaves && set.size > 0 ? [...set] : [null]
  return all.map((name) => {
    if (name !== null && leaves) set.delete(name)
    if (name !== null && !leaves) set.add(name)
    return { push: [word.toLowerCase(), name, session.channels.size + session.patterns.size] }
  })
}

function sentinel(args: readonly string[], state: FakeSentinelState): FakeReply {
  const [subcommand = '', name = ''] = args
  const group = Object.hasOwn(state.groups, name) ? state.groups[name] : undefined
  switch (subcommand.toUpperCase()) {
    case 'MYID':
      return state.id
    case 'MASTERS':
      return Object.entries(state.groups).map(([key, each]) => describePrimary(key, each))
    case 'GET-MASTER-ADDR-BY-NAME':
      return group === undefined ? null : [group.primary.host, String(group.primary.port)]
    case 'MASTER':
      return group === undefined ? NO_SUCH_NAME : describePrimary(name, group)
    case 'REPLICAS':
    case 'SLAVES':
      return group === undefined ? NO_SUCH_NAME : (group.replicas ?? []).map((each) => describeReplica(group, each))
    case 'SENTINELS':
      return group === undefined ? NO_SUCH_NAME : (group.sentinels ?? []).map((each) => describeOther(group, each))
    case 'CKQUORUM':
      return group === undefined ? NO_SUCH_NAME : checkQuorum(group)
    default:
      return { error: `ERR unknown subcommand '${subcommand}'. Try SENTINEL HELP.` }
  }
}

function checkQuorum(group: FakeGroup): FakeReply {
  const others = group.sentinels ?? []
  const down = others.filter((other) => other.flags?.some((flag) => flag !== 'sentinel') === true).length
  const usable = others.length + 1 - down
  const quorum = group.quorum ?? 2
  const majority = Math.floor((others.length + 1) / 2) + 1
  if (usable >= quorum && usable >= majority) {
    return { status: `OK ${usable} usable Sentinels. Quorum and failover authorization can be reached` }
  }
  const reasons = [
    ...(usable < quorum ? ['Not enough available Sentinels to reach the specified quorum for this master'] : []),
    ...(usable < majority ? ['Not enough available Sentinels to reach the majority and authorize a failover'] : [])
  ]
  return { error: `NOQUORUM ${usable} usable Sentinels. ${reasons.join('. ')}` }
}

function quoted(args: readonly string[]): string {
  return args.map((arg) => `'${arg}' `).join('')
}
