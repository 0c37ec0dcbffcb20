import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE } from 'dns-packet'
import { createSocket, type Socket } from 'node:dgram'
import { type Answer, CachingZone } from './caching-zone.js'
import type { DnsMode, DnsRecord, DnsTimes } from './records.js'

const NXDOMAIN = 3
const DOMAIN = 'cluster.local'

/** Answers over UDP for the cluster's domain; what is outside of it does not exist. */
export class DnsServer {
  readonly #socket: Socket
  readonly #zone: CachingZone
  readonly #queries = new Map<string, number>()
  #mode: DnsMode = {}

  constructor(times: DnsTimes) {
    this.#zone = new CachingZone(times)
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (message, { address, port }) => {
      this.#receive(message, (reply) => {
        this.#socket.send(reply, port, address, () => undefined)
      })
    })
    // An ICMP error of a pod that is gone.
    this.#socket.on('error', () => undefined)
  }

  listen(address: string): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.bind(53, address, resolve)
    })
  }

  setRecords(records: readonly DnsRecord[]): void {
    this.#zone.setRecords(records)
  }

  setTimes(times: DnsTimes): void {
    this.#zone.setTimes(times)
  }

  setMode(mode: DnsMode): void {
    this.#mode = mode
  }

  get queries(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#queries)
  }

  #receive(message: Buffer, send: (reply: Buffer) => void): void {
    const query = decode(message)
    const question = query.questions?.[0]
    if (question === undefined) return
    const key = `${question.name.toLowerCase()} ${question.type}`
    this.#queries.set(key, (this.#queries.get(key) ?? 0) + 1)
    if (this.#mode.cut === true) return
    const reply = (): void => {
      send(encode(toPacket(query, this.#zone.answer(question.name, question.type, Date.now()))))
    }
    if (this.#mode.delayMs === undefined) reply()
    else setTimeout(reply, this.#mode.delayMs)
  }
}

function toPacket(query: Packet, answer: Answer): Packet {
  const question = query.questions?.[0]
  const name = question?.name ?? ''
  const found = answer.kind === 'found' ? answer.addresses : []
  return {
    id: query.id ?? 0,
    type: 'response',
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (answer.kind === 'absent' ? NXDOMAIN : 0),
    questions: query.questions ?? [],
    answers: found.map((data) => ({ type: 'A', name, ttl: answer.ttlSeconds, data })),
    // A resolver takes the time that "there is none" holds from the SOA.
    authorities: found.length > 0 ? [] : [soa(answer.ttlSeconds)]
  }
}

function soa(ttl: number): NonNullable<Packet['authorities']>[number] {
  const data = {
    mname: `ns.dns.${DOMAIN}`,
    rname: `hostmaster.${DOMAIN}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl
  }
  return { type: 'SOA', name: DOMAIN, ttl, data }
}
