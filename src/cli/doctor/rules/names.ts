import { isIP } from 'node:net'
import { announcedServers, isLoopback } from '../announced.js'
import { readSentinels, tallied, tally } from '../chosen.js'
import type { Rule } from '../rule.js'

export const loopbackAnnounced: Rule = {
  code: 'loopback-announced',
  severity: 'error',
  meaning:
    'A server is known by an address that leads every machine to itself, while others are elsewhere: nobody but its own machine reaches it.',
  remedy:
    'give it the address that others reach: sentinel announce-ip <host>, replica-announce-ip <host>, or sentinel monitor {name} <host> <port> <quorum> where the primary is known so',
  find: (examination) => {
    const all = announcedServers(examination)
    if (all.every(({ host }) => isLoopback(host))) return []
    return all
      .filter(({ host }) => isLoopback(host))
      .map(({ key }) => ({
        at: key,
        evidence: `the sentinels announce ${key}; others of the group are not on that machine`
      }))
  }
}

export const namesMixed: Rule = {
  code: 'names-mixed',
  severity: 'warning',
  meaning:
    'Some servers are announced by name and others by IP address: the literal ones are wrong as soon as a machine or pod gets another, and one server may count twice.',
  remedy:
    'sentinel resolve-hostnames yes, sentinel announce-hostnames yes and sentinel announce-ip <name> in every sentinel.conf, replica-announce-ip <name> in every redis.conf',
  find: (examination) => {
    const all = announcedServers(examination)
    const literal = all.filter(({ host }) => isIP(host) !== 0).map(({ key }) => key)
    const named = all.filter(({ host }) => isIP(host) === 0).map(({ key }) => key)
    if (literal.length === 0 || named.length === 0) return []
    return [{ evidence: `by name: ${named.join(', ')}; by IP address: ${literal.join(', ')}` }]
  }
}

export const hostnamesDiffer: Rule = {
  code: 'hostnames-differ',
  severity: 'warning',
  meaning:
    'Sentinels treat host names differently, or announce names that they do not resolve: the same server is told as a name by one and as an IP address by another.',
  remedy:
    'SENTINEL CONFIG SET resolve-hostnames {value} and SENTINEL CONFIG SET announce-hostnames {value}, at every sentinel',
  find: (examination) => {
    const told = readSentinels(examination).flatMap(({ key, facts: { hostnames } }) =>
      hostnames === undefined ? [] : [{ key, hostnames }]
    )
    const settings = tally(
      told,
      ({ hostnames: { resolve, announce } }) =>
        `resolve-hostnames ${yes(resolve)} and announce-hostnames ${yes(announce)}`
    )
    const wrong = told.some(({ hostnames: { resolve, announce } }) => announce && !resolve)
    if (settings.size < 2 && !wrong) return []
    const value = yes(told.some(({ hostnames }) => hostnames.announce))
    return [{ evidence: `SENTINEL CONFIG GET: ${tallied(settings)}`, fill: { value } }]
  }
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no'
}
