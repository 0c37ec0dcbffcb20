import type { SentinelChannel } from '../../../src/protocol/channels.js'
import type { ReplicaReply, Snapshot } from '../../../src/protocol/parse-reply.js'
import type { Channel } from './channel.js'
import type { ServerEnd } from './process.js'
import type { Reply } from './reply.js'
import { bulk, error, list, NULL, number, OK, texts } from './reply.js'
import type { Instance, SimSentinel } from './sentinel.js'

/** One client's connection to a sentinel. */
export class SentinelSession implements ServerEnd {
  readonly #sentinel: SimSentinel
  readonly #channel: Channel
  #plain = false

  constructor(sentinel: SimSentinel, channel: Channel) {
    this.#sentinel = sentinel
    this.#channel = channel
  }

  publish(channel: SentinelChannel, message: string): void {
    this.#channel.reply(
      this.#plain
        ? { kind: 'published', channel, message }
        : { kind: 'push', items: [bulk('message'), bulk(channel), bulk(message)] }
    )
  }

  closed(): void {
    this.#sentinel.subscribers.delete(this)
  }

  command(words: readonly string[]): void {
    const [name = '', ...args] = words
    switch (name.toUpperCase()) {
      case 'HELLO':
        this.#channel.reply({
          kind: 'map',
          entries: [
            ['server', bulk('redis')],
            ['proto', number(3)],
            ['mode', bulk('sentinel')],
            ['modules', list([])]
          ]
        })
        return
      case 'SUBSCRIBE':
        this.#sentinel.subscribers.add(this)
        args.forEach((channel, index) => {
          this.#channel.reply({ kind: 'push', items: [bulk('subscribe'), bulk(channel), number(index + 1)] })
        })
        return
      case 'FOLLOW':
        this.#plain = true
        this.#sentinel.subscribers.add(this)
        this.#channel.reply(bulk(this.#sentinel.id))
        return
      case 'SNAPSHOT':
        this.#channel.reply({ kind: 'snapshot', snapshot: snapshotOf(this.#sentinel) })
        return
      case 'SENTINEL':
        this.#channel.reply(this.#about((args[0] ?? '').toUpperCase(), args[1]))
        return
      case 'INFO':
        this.#channel.reply(
          bulk(`# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:${this.#sentinel.tilt ? 1 : 0}\r\n`)
        )
        return
      default:
        this.#channel.reply(OK)
    }
  }

  #about(question: string, group: string | undefined): Reply {
    const sentinel = this.#sentinel
    if (question === 'MYID') return bulk(sentinel.id)
    if (question === 'MASTERS') return list([texts(['name', sentinel.world.group])])
    if (group !== sentinel.world.group)
      return question.startsWith('GET') ? NULL : error('ERR No such master with that name')
    switch (question) {
      case 'GET-MASTER-ADDR-BY-NAME': {
        const { host, port } = sentinel.currentPrimary.address
        return texts([host, String(port)])
      }
      case 'MASTER':
        return fields({
          name: group,
          ip: sentinel.primary.node.address.host,
          port: sentinel.primary.node.address.port,
          flags: primaryFlags(sentinel).join(','),
          'config-epoch': sentinel.configEpoch,
          quorum: sentinel.world.settings.quorum,
          'down-after-milliseconds': sentinel.world.settings.downAfterMs,
          'failover-timeout': sentinel.world.settings.failoverTimeoutMs,
          'num-other-sentinels': sentinel.peers.length
        })
      case 'REPLICAS':
        return list(
          replicasOf(sentinel).map((one) =>
            fields({
              name: `${one.address.host}:${one.address.port}`,
              ip: one.address.host,
              port: one.address.port,
              flags: one.flags.join(','),
              'master-link-status': one.linkUp ? 'ok' : 'err',
              'master-link-down-time': one.linkDownMs,
              'slave-priority': one.priority,
              'slave-repl-offset': one.offset
            })
          )
        )
      case 'SENTINELS':
        return list(
          sentinel.peers.map(({ sentinel: { address }, id }) =>
            fields({ ip: address.host, port: address.port, runid: id, flags: 'sentinel' })
          )
        )
      default:
        return error(`ERR Unknown sentinel subcommand '${question}'`)
    }
  }
}

function fields(of: Readonly<Record<string, string | number>>): Reply {
  return texts(Object.entries(of).flatMap(([field, value]) => [field, String(value)]))
}

/** What the answers to one round of questions come to, if all are asked at one moment. */
function snapshotOf(sentinel: SimSentinel): Snapshot {
  const { settings } = sentinel.world
  return {
    known: true,
    id: sentinel.id,
    primary: sentinel.currentPrimary.address,
    judged: sentinel.primary.node.address,
    configEpoch: sentinel.configEpoch,
    flags: primaryFlags(sentinel),
    quorum: settings.quorum,
    downAfterMs: settings.downAfterMs,
    failoverTimeoutMs: settings.failoverTimeoutMs,
    others: sentinel.peers.length,
    replicas: replicasOf(sentinel),
    sentinels: sentinel.peers.map((one) => ({ address: one.sentinel.address, id: one.id, flags: ['sentinel'] })),
    tilt: sentinel.tilt
  }
}

function primaryFlags(sentinel: SimSentinel): string[] {
  const flags = ['master', ...downFlags(sentinel, sentinel.primary)]
  if (sentinel.objectivelyDown) flags.push('o_down')
  if (sentinel.inFailover) flags.push('failover_in_progress')
  return flags
}

function replicasOf(sentinel: SimSentinel): ReplicaReply[] {
  return sentinel.replicas.map((one) => ({
    address: one.node.address,
    flags: ['slave', ...downFlags(sentinel, one), ...(one.promoted ? ['promoted'] : [])],
    linkUp: one.info?.linkUp ?? false,
    linkDownMs: one.info?.linkDownMs ?? 0,
    priority: 100,
    offset: one.info?.offset ?? 0,
    announced: true
  }))
}

function downFlags(sentinel: SimSentinel, one: Instance): string[] {
  const flags = one.downSince === undefined ? [] : ['s_down']
  if (sentinel.world.clock.now - one.lastPong > 3 * sentinel.world.settings.pingMs) flags.push('disconnected')
  return flags
}
