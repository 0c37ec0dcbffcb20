import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Route } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'

/** What a port was found to speak. */
export type Spoken = 'plain' | 'tls' | 'unknown'

const ANSWER_WITHIN_MS = 500
/** It is asked so often: it may have been replaced, and few connections are to be made to servers that are down. */
const ASKED_EVERY_MS = 30_000
/** What happened longer ago than this has nothing to do with what happens now. */
const FORGOTTEN_AFTER_MS = 60_000

interface Suspect {
  at: number
  askedAt: number
  spoken: Spoken
}

const suspects = new Map<string, Suspect>()

/**
 * What a server speaks that ended a connection without a word, or says nothing, and does so again. It is found out behind the caller's
 * back and told from the next time on: a client on its way to a new primary does not wait for it, and a server that dies is not
 * asked. Nothing but a PING is sent, or the beginning of a TLS handshake.
 */
export function whatItSpeaks(route: Route): Spoken {
  const key = formatAddress(route.reached)
  const now = performance.now()
  for (const [other, { at }] of suspects) if (now - at > FORGOTTEN_AFTER_MS) suspects.delete(other)
  const suspect = suspects.get(key)
  if (suspect === undefined) {
    suspects.set(key, { at: now, askedAt: -Infinity, spoken: 'unknown' })
    return 'unknown'
  }
  suspect.at = now
  if (now - suspect.askedAt > ASKED_EVERY_MS) {
    suspect.askedAt = now
    void findOut(route).then((spoken) => {
      suspect.spoken = spoken
    })
  }
  return suspect.spoken
}

async function findOut(route: Route): Promise<Spoken> {
  const [plain, tls] = await Promise.all([speaksPlain(route), speaksTls(route)])
  return tls ? 'tls' : plain ? 'plain' : 'unknown'
}

/** It answers a PING, be it by an error. */
function speaksPlain({ reached: { host, port } }: Route): Promise<boolean> {
  const socket = connectTcp({ host, port }, () => socket.write('PING\r\n'))
  return asked(socket, (answer) => {
    socket.once('data', (chunk: Buffer) => {
      answer(/^[+-]/.test(chunk.toString('latin1')))
    })
  })
}

/** It goes through a handshake, whoever it is. No certificate is shown to it, and none believed. */
function speaksTls({ reached: { host, port } }: Route): Promise<boolean> {
  const socket = connectTls({ host, port, rejectUnauthorized: false })
  return asked(socket, (answer) => {
    socket.once('secureConnect', () => {
      answer(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      answer(/ALERT/.test(error.code ?? ''))
    })
  })
}

function asked(socket: Socket, listen: (answer: (yes: boolean) => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(yes)
    }
    const timer = setTimeout(() => {
      answer(false)
    }, ANSWER_WITHIN_MS)
    listen(answer)
    socket.on('error', () => {
      answer(false)
    })
    socket.once('close', () => {
      answer(false)
    })
  })
}
