import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { type Address, formatAddress } from '../protocol/address.js'
import { AddressBlock } from './addresses.js'
import { type Binaries, findBinaries } from './binaries.js'
import { CertificateAuthority } from './certificates.js'
import { type FileContext, type KnownSentinel, nodeConfig, sentinelConfig } from './config-files.js'
import { Firewall } from './firewall.js'
import { Guardian } from './guardian.js'
import { LocalNode } from './local-node.js'
import type { ProcessSetup } from './local-process.js'
import { LocalSentinel } from './local-sentinel.js'
import type { ResolvedTopologyOptions } from './options.js'
import { Partitions } from './partitions.js'

interface Parts {
  readonly options: ResolvedTopologyOptions
  readonly directory: string
  readonly binaries: Binaries
  readonly block: AddressBlock
  readonly guardian: Guardian
  readonly authority: CertificateAuthority | undefined
}

/** Owns what the processes of one topology share, and makes them: folder, addresses, guardian, firewall, certificates. */
export class Launcher {
  readonly options: ResolvedTopologyOptions
  readonly partitions: Partitions
  readonly #parts: Parts
  readonly #firewall: Firewall
  readonly #sentinelIds = new Map<LocalSentinel, string>()
  #members: readonly (LocalNode | LocalSentinel)[] = []
  #made = 0
  readonly #over = new AbortController()

  private constructor(parts: Parts) {
    this.#parts = parts
    this.options = parts.options
    this.#firewall = new Firewall(randomBytes(6).toString('hex'), (undo) => {
      for (const command of undo) parts.guardian.addUndo(command)
    })
    const members = (): Address[] => this.#members.map(({ ip, address: { port } }) => ({ host: ip, port }))
    this.partitions = new Partitions(this.#firewall, members, parts.block.ownAddresses)
  }

  static async create(options: ResolvedTopologyOptions): Promise<Launcher> {
    const binaries = await findBinaries(options)
    const directory = await makeFolder(resolve(options.directory ?? tmpdir()))
    const guardian = new Guardian(directory)
    try {
      const block = await AddressBlock.claim()
      const authority = options.tls ? await CertificateAuthority.create(join(directory, 'tls')) : undefined
      options.log(`${binaries.server} ${binaries.version} in ${directory}`)
      return new Launcher({ options, directory, binaries, guardian, block, authority })
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      await guardian.release()
      throw error
    }
  }

  /** Aborted when everything is being ended: no process is started any more. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** PEM of the CA when the topology serves TLS. */
  get ca(): string | undefined {
    return this.#parts.authority?.ca
  }

  /**
   * Moves all processes to certificates of a new authority, in the order in which nobody meets one that he does not trust. Nodes load
   * them as they run; a sentinel has to be started again, one after the other.
   */
  async rotateCertificates(): Promise<void> {
    const { authority } = this.#parts
    if (authority === undefined)
      throw new ConfigurationError('rotateCertificates: the topology was started without tls')
    await authority.succeed()
    await this.#loadCertificates()
    for (const { address, directory } of this.#members) await authority.issue(address.host, basename(directory))
    await this.#loadCertificates()
    await authority.forgetOthers()
    await this.#loadCertificates()
  }

  async #loadCertificates(): Promise<void> {
    for (const member of this.#members) {
      // Files of the same name are read again (redis `config.c`, VOLATILE_CONFIG), all of them when one is set.
      if (member instanceof LocalSentinel) await member.restart({ graceful: true })
      else await member.command('CONFIG', 'SET', 'tls-cert-file', this.#certificateFile(member))
    }
  }

  #certificateFile({ directory }: LocalNode): string {
    return join(this.#parts.directory, 'tls', `${basename(directory)}.crt`)
  }

  /** Writes the configuration of a node that follows `primary`, or of a primary without one. Does not start it. */
  async makeNode(primary: Address | undefined): Promise<LocalNode> {
    const context = await this.#context('node')
    await writeFile(configFile(context), nodeConfig(context, primary))
    const node = new LocalNode({
      ...this.#setup(context, this.options.password),
      command: this.#parts.binaries.server,
      args: [configFile(context)]
    })
    await this.#add(node)
    return node
  }

  /** Writes the configurations of sentinels that know one another and those that exist. Does not start them. */
  async makeSentinels(count: number, primary: Address): Promise<LocalSentinel[]> {
    const made: { readonly sentinel: LocalSentinel; readonly context: FileContext; readonly id: string }[] = []
    const { command, after } = this.#parts.binaries.sentinel
    for (let index = 0; index < count; index += 1) {
      const context = await this.#context('sentinel')
      const setup = {
        ...this.#setup(context, this.options.sentinelPassword),
        command,
        args: [configFile(context), ...after]
      }
      const id = randomBytes(20).toString('hex')
      const sentinel = new LocalSentinel(setup)
      this.#sentinelIds.set(sentinel, id)
      await this.#add(sentinel)
      made.push({ sentinel, context, id })
    }
    const known = [...this.#sentinelIds].map(([sentinel, id]): KnownSentinel => ({ id, address: sentinel.address }))
    for (const { context, id } of made) {
      const others = known.filter((other) => other.id !== id)
      await writeFile(configFile(context), sentinelConfig(context, id, primary, others))
    }
    return made.map(({ sentinel }) => sentinel)
  }

  /** Ends it and forgets it. */
  async discard(member: LocalNode | LocalSentinel): Promise<void> {
    await member.kill()
    this.#members = this.#members.filter((other) => other !== member)
    if (member instanceof LocalSentinel) this.#sentinelIds.delete(member)
    await rm(member.directory, { recursive: true, force: true })
  }

  /** Ends every process and leaves nothing behind. */
  async dispose(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#members.map((member) => member.kill()))
    await this.#firewall.remove()
    await rm(this.#parts.directory, { recursive: true, force: true, maxRetries: 5 })
    await this.#parts.guardian.release()
    await this.#parts.block.release()
  }

  async #context(kind: 'node' | 'sentinel'): Promise<FileContext> {
    const { options, binaries, block, authority } = this.#parts
    const listens = await block.next()
    const { host: ip, port } = listens
    const host = options.hostname?.(kind, listens, this.#made) ?? ip
    const address = { host, port }
    this.#made += 1
    const name = `${kind}-${this.#made}`
    const directory = join(this.#parts.directory, name)
    await mkdir(directory)
    const certificate = await authority?.issue(host, name)
    return { options, address, ip, directory, sevenOrNewer: binaries.sevenOrNewer, certificate }
  }

  #setup(context: FileContext, password: string | undefined): Omit<ProcessSetup, 'command' | 'args'> {
    const { authority } = this.#parts
    return {
      address: context.address,
      ip: context.ip,
      directory: context.directory,
      endpoint: {
        address: context.address,
        password,
        // Others are trusted when certificates have been rotated.
        get ca() {
          return authority?.ca
        }
      },
      guardian: this.#parts.guardian,
      partitions: this.partitions,
      over: this.over,
      log: this.options.log
    }
  }

  async #add(member: LocalNode | LocalSentinel): Promise<void> {
    this.#members = [...this.#members, member]
    this.options.log(`${member.kind} at ${formatAddress(member.address)}`)
    await this.partitions.refresh()
  }
}

function configFile(context: FileContext): string {
  return join(context.directory, 'server.conf')
}

async function makeFolder(parent: string): Promise<string> {
  return mkdtemp(join(parent, 'ioredis-sentinel-')).catch((error: unknown) => {
    throw new ConfigurationError(
      `startTopology: no folder can be made in directory "${parent}"; it must exist and be writable`,
      { cause: error }
    )
  })
}
