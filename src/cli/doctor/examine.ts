import { createHash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { Redis } from 'ioredis'
import { nodeAccess } from '../access.js'
import { formatAddress, readAddress } from '../address.js'
import { type Asked, askServer } from '../ask-server.js'
import { eachOnce } from '../each-once.js'
import { sentinelToAsk } from '../sentinel-to-ask.js'
import { allHeard } from '../status/collect.js'
import { quorumCheck } from '../status/facts.js'
import { openClient, type Target } from '../target.js'
import type {
  Accounts,
  CheckedUser,
  Examination,
  Examined,
  ExaminedSentinel,
  Expectations,
  SentinelFacts
} from './examination.js'
import { watching } from './chosen.js'
import { comparedLogins, type NodeReading, readLogins } from './logins.js'
import { infoFields, pairFields, readClock, readValidity } from './read-info.js'
import { readAccounts, readNodeConfig, readNodeInfo, readRules, sentinelUsers } from './read-node.js'
import { readGroup } from './read-sentinel.js'
import { readRefusals } from './renamed.js'
import { CLIENT_NEEDS, type Need, REPLICATION_NEEDS, SENTINEL_NEEDS } from './needs.js'

const CONNECTION_NAME = 'ioredis-sentinel-doctor'

/**
 * Asks every sentinel, and every node that one of them names. Nothing is changed at any of them. Never throws for what is wrong with
 * the servers: that is what it reports.
 *
 * @throws ConfigurationError when the target is wrong.
 */
export async function examine(target: Target, expectations: Expectations): Promise<Examination> {
  const client = openClient(target, CONNECTION_NAME)
  try {
    const connectError = await client.connect().then(
      () => undefined,
      (error: Error) => error.message
    )
    await allHeard(client, target.timeoutMs)
    const { topology } = client
    const { name } = topology
    const known = await eachOnce(topology.sentinels)
    const sentinels = await Promise.all(known.map(({ key }) => examineSentinel(key, name, target)))
    const nodes = comparedLogins(
      await Promise.all(nodesNamed(sentinels).map((key) => examineNode(key, target, expectations)))
    )
    return { name, topology, ...(connectError !== undefined && { connectError }), sentinels, nodes, expectations }
  } finally {
    await client.close()
  }
}

function nodesNamed(sentinels: readonly ExaminedSentinel[]): string[] {
  const groups = watching({ sentinels }).map(({ group }) => group)
  const named = groups.flatMap(({ primary, replicas = [] }) => [primary, ...replicas.map(({ address }) => address)])
  return [...new Set(named.map(formatAddress))]
}

async function examineSentinel(key: string, name: string, target: Target): Promise<Examined<SentinelFacts>> {
  return examined(key, await sentinelToAsk(key, target), async (link) => {
    const refused: string[] = []
    const ask = questioner(link, refused)
    const { info, both } = await readServer(link, refused)
    const sentinel = (...words: string[]): Promise<unknown> => ask(`SENTINEL ${words[0]}`, 'SENTINEL', ...words)
    const [id, config, address] = await Promise.all([
      sentinel('MYID'),
      sentinel('CONFIG', 'GET', '*'),
      sentinel('GET-MASTER-ADDR-BY-NAME', name)
    ])
    // Of a group that it does not know, the rest would be errors and not refusals.
    const [check, primary, replicas, others] = !Array.isArray(address)
      ? []
      : await Promise.all([
          noting('SENTINEL CKQUORUM', quorumCheck(link.call('SENTINEL', 'CKQUORUM', name)), refused),
          sentinel('MASTER', name),
          sentinel('REPLICAS', name),
          sentinel('SENTINELS', name)
        ])
    const settings = config === undefined ? undefined : pairFields(config)
    const group = readGroup({ address, primary, replicas, others })
    return {
      ...both,
      refused,
      ...(typeof id === 'string' && { id }),
      tilt: info && info.get('sentinel_tilt') === '1',
      ...(check !== undefined && { quorumCheck: check }),
      ...(settings !== undefined && {
        hostnames: {
          resolve: settings.get('resolve-hostnames') === 'yes',
          announce: settings.get('announce-hostnames') === 'yes'
        }
      }),
      ...(group !== undefined && { group })
    }
  })
}

async function examineNode(key: string, target: Target, expectations: Expectations): Promise<Examined<NodeReading>> {
  const asked = { address: readAddress(key), access: nodeAccess(target), timeoutMs: target.timeoutMs }
  return examined(key, asked, async (link) => {
    const refused: string[] = []
    const ask = questioner(link, refused)
    const { info, both } = await readServer(link, refused)
    const config = await ask('CONFIG GET', 'CONFIG', 'GET', '*')
    const fields = config === undefined ? undefined : pairFields(config)
    const read = fields === undefined ? undefined : readNodeConfig(fields)
    const lines = await ask('ACL LIST', 'ACL', 'LIST')
    const rules = Array.isArray(lines) ? lines.map(String) : undefined
    const clients = await ask('CLIENT LIST', 'CLIENT', 'LIST')
    const users = sentinelUsers(String(clients))
    const accounts = rules && (await examineAccounts(ask, rules, users, read?.primaryUser, expectations))
    return {
      ...both,
      ...readRefusals(refused),
      ...(info !== undefined && { info: readNodeInfo(info) }),
      ...(read !== undefined && { config: read }),
      ...(accounts !== undefined && { accounts }),
      logins: readLogins(fields, rules, sha256)
    }
  })
}

async function examined<Facts>(
  key: string,
  asked: Asked,
  questions: (link: Redis) => Promise<Facts>
): Promise<Examined<Facts>> {
  const address = readAddress(key)
  return askServer({ ...asked, connectionName: CONNECTION_NAME }, questions).then(
    (facts) => ({ key, address, facts }),
    (error: Error) => ({ key, address, unreachable: error.message })
  )
}

/** INFO by itself, so that nothing stands between question and answer. Of who neither answers nor refuses it, the rest is not asked. */
async function readServer(link: Redis, refused: string[]) {
  const askedAt = Date.now()
  const text = await noting('INFO', link.info(), refused, isRefusal)
  const answeredAt = Date.now()
  const info = text === undefined ? undefined : infoFields(text)
  const certificate =
    link.stream instanceof TLSSocket ? readValidity(link.stream.getPeerCertificate(), answeredAt) : undefined
  return {
    info,
    both: {
      version: info?.get('valkey_version') ?? info?.get('redis_version'),
      clock: info && readClock(info, askedAt, answeredAt),
      ...(certificate !== undefined && { certificate })
    }
  }
}

type Ask = (what: string, command: string, ...args: readonly string[]) => Promise<unknown>

function questioner(link: Redis, refused: string[]): Ask {
  return (what, command, ...args) => noting(what, link.call(command, ...args), refused)
}

/** Undefined for what was refused or not answered, and a note of it. Rejects with errors that are not to be noted. */
function noting<T>(
  what: string,
  answer: Promise<T>,
  refused: string[],
  isNoted: (error: Error) => boolean = () => true
): Promise<T | undefined> {
  return answer.catch((error: Error) => {
    if (!isNoted(error)) throw error
    refused.push(`${what}: ${error.message}`)
    return undefined
  })
}

/** Whether this question was refused. NOAUTH and BUSY are said to every one: such a server is of no use to clients either. */
function isRefusal({ name, message }: Error): boolean {
  return name === 'ReplyError' && !/^(NOAUTH|BUSY)\b/.test(message)
}

async function examineAccounts(
  ask: Ask,
  rules: readonly string[],
  sentinels: readonly string[],
  primaryUser: string | undefined,
  { clientUser }: Expectations
): Promise<Accounts> {
  const known = new Set(readRules(rules).keys())
  // Where no sentinel is logged in, what each needs is asked all the same: the answers name commands that are not there.
  if (sentinels.length === 0) await lacking(ask, 'default', SENTINEL_NEEDS)
  const checks: readonly (readonly [CheckedUser['purpose'], string, readonly Need[]])[] = [
    ...sentinels.map((user) => ['sentinel', user, SENTINEL_NEEDS] as const),
    ...(primaryUser === undefined
      ? []
      : [['replication', primaryUser === '' ? 'default' : primaryUser, REPLICATION_NEEDS] as const]),
    ...(clientUser === undefined ? [] : [['client', clientUser, CLIENT_NEEDS] as const])
  ]
  const checked = await Promise.all(
    checks.map(async ([purpose, user, needs]) => ({
      purpose,
      user,
      lacking: known.has(user) ? await lacking(ask, user, needs) : ['the user itself']
    }))
  )
  return readAccounts(rules, checked, sha256)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** `ACL DRYRUN` (Redis 7.0) says OK, or why not; before, it is an error, noted as refused. */
async function lacking(ask: Ask, user: string, needs: readonly Need[]): Promise<string[]> {
  const verdicts = await Promise.all(
    needs.map(async ({ right, words }) => {
      const verdict = await ask(`ACL DRYRUN ${user}`, 'ACL', 'DRYRUN', user, ...words)
      return { right, refused: typeof verdict === 'string' && verdict !== 'OK' }
    })
  )
  return verdicts.flatMap(({ right, refused }) => (refused ? [right] : []))
}
