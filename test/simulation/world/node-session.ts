import type { Channel } from './channel.js'
import type { SimNode } from './node.js'
import type { ServerEnd } from './process.js'
import type { Reply } from './reply.js'
import { bulk, error, list, NULL, number, OK } from './reply.js'
import type { World } from './world.js'

const READONLY = error("READONLY You can't write against a read only replica.")
const LOADING = error('LOADING Redis is loading the dataset in memory')
const NOREPLICAS = error('NOREPLICAS Not enough good replicas to write.')
const EXECABORT = error('EXECABORT Transaction discarded because of previous errors.')
const QUEUED: Reply = { kind: 'simple', text: 'QUEUED' }

/** One client's connection to a node. Of each write the value is `w<number>`, by which the world knows it. */
export class NodeSession implements ServerEnd {
  readonly #world: World
  readonly #node: SimNode
  readonly #channel: Channel
  readonly #id: number
  #queued: (readonly string[])[] | undefined
  #refused = false

  constructor(world: World, node: SimNode, channel: Channel, id: number) {
    this.#world = world
    this.#node = node
    this.#channel = channel
    this.#id = id
  }

  closed(): void {
    this.#queued = undefined
  }

  command(words: readonly string[]): void {
    this.#channel.reply(this.#answer(words))
  }

  #answer(words: readonly string[]): Reply {
    const name = (words[0] ?? '').toUpperCase()
    switch (name) {
      case 'HELLO':
        return this.#hello()
      case 'CLIENT':
        return (words[1] ?? '').toUpperCase() === 'LIST' ? this.#clientList(Number(words[3])) : OK
      case 'SELECT':
        return OK
      case 'PING':
        return this.#node.loading ? LOADING : { kind: 'simple', text: 'PONG' }
      case 'INFO':
        return bulk(this.#info())
      case 'MULTI':
        this.#queued = []
        this.#refused = false
        return OK
      case 'DISCARD':
        this.#queued = undefined
        return OK
      case 'EXEC':
        return this.#exec()
      default:
    }
    const refusal = this.#refusal(name)
    if (refusal !== undefined && words.length > 2) this.#world.ledger.refuse(numberOf(words[2] ?? ''))
    if (this.#queued !== undefined) {
      if (refusal !== undefined) {
        this.#refused = true
        return refusal
      }
      this.#queued.push(words)
      return QUEUED
    }
    return refusal ?? this.#execute(name, words)
  }

  /** Decided when a command comes in, inside MULTI too: processCommand() of the server. */
  #refusal(name: string): Reply | undefined {
    const node = this.#node
    if (node.loading) return LOADING
    if (name === 'GET') return undefined
    if (node.role === 'replica') return READONLY
    const { minReplicas } = this.#world.settings
    return node.linked.length < minReplicas ? NOREPLICAS : undefined
  }

  #exec(): Reply {
    const queued = this.#queued
    this.#queued = undefined
    if (queued === undefined) return error('ERR EXEC without MULTI')
    if (this.#refused) return EXECABORT
    const late = queued.length > 0 ? this.#refusal('EXEC') : undefined
    if (late?.kind === 'error') return error(`EXECABORT Transaction discarded because of: ${late.message}`)
    return list(queued.map((words) => this.#execute((words[0] ?? '').toUpperCase(), words)))
  }

  #execute(name: string, words: readonly string[]): Reply {
    const node = this.#node
    const [, key = '', value = ''] = words
    switch (name) {
      case 'RPUSH':
        node.write(numberOf(value), this.#channel)
        return number(this.#world.ledger.executions)
      case 'SET':
        node.write(numberOf(value), this.#channel)
        return OK
      case 'GET': {
        const op = node.log.findLast((one) => this.#world.ledger.keyOf(one) === key)
        return op === undefined ? NULL : bulk(`w${op}`)
      }
      default:
        return error(`ERR unknown command '${name}'`)
    }
  }

  #hello(): Reply {
    const role = this.#node.role === 'primary' ? 'master' : 'replica'
    const fields = { server: bulk('redis'), version: bulk('7.0.15'), proto: number(3), id: number(this.#id) }
    return {
      kind: 'map',
      entries: [...Object.entries(fields), ['mode', bulk('standalone')], ['role', bulk(role)], ['modules', list([])]]
    }
  }

  /** CLIENT LIST ID: nothing blocks here, so no client has the flag of one that waits. */
  #clientList(id: number): Reply {
    return bulk(this.#node.knowsClient(id) ? `id=${id} flags=N\n` : '')
  }

  #info(): string {
    const { role, linkUp, offset } = this.#node.info
    const own = role === 'primary' ? 'role:master' : `role:slave\r\nmaster_link_status:${linkUp ? 'up' : 'down'}`
    const history = `master_replid:${this.#node.history}`
    const offsets = `master_repl_offset:${offset}\r\nslave_repl_offset:${offset}`
    return `# Replication\r\n${own}\r\n${history}\r\n${offsets}\r\n`
  }
}

function numberOf(value: string): number {
  return Number(value.slice(1))
}
