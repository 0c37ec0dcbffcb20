import type { CommandTrace, ContactedNode, Listeners } from '../observe/command-trace.js'
import { tellIssued, tellSettled, tellStart } from '../observe/command-trace.js'
import type { Arg } from '../routing/arg.js'
import { commandText } from '../routing/command-text.js'
import type { Call } from './call.js'
import { follow, unfollow } from './call.js'
import type { Contact } from './contact.js'
import { keysIn, onMemberSettled, onSettled } from './ioredis-internals.js'
import type { Traced } from './traced.js'

/** What becomes of one call, or of several that were issued as one, for those who listen. */
export class CallTrace implements CommandTrace {
  readonly client: object
  readonly group: string
  readonly database: number
  readonly name: string
  readonly batch: readonly string[] | undefined
  readonly startedAt = performance.now()
  tookMs: number | undefined
  node: ContactedNode | undefined
  attempts = 0
  held = false
  error: unknown
  readonly #listeners: Listeners
  readonly #calls: readonly Call[]
  /** The last of them is the one whose way is followed. */
  readonly #last: Call
  readonly #contacts: Contact[] = []
  #unsettled: number

  private constructor(
    { client, group, database }: Traced,
    listeners: Listeners,
    calls: readonly Call[],
    last: Call,
    name: string,
    batch: readonly string[] | undefined,
    onEach: typeof onSettled
  ) {
    this.client = client
    this.group = group
    this.database = database
    this.name = name
    this.batch = batch
    this.#listeners = listeners
    this.#calls = calls
    this.#last = last
    this.#unsettled = batch === undefined || name === 'multi' ? 1 : calls.length
    follow(last, this)
    const settled = (error: unknown): void => {
      this.#settled(error)
    }
    if (this.#unsettled === 1) onEach(last, settled)
    else for (const call of calls) onEach(call, settled)
    tellStart(listeners, this)
  }

  static ofCall(traced: Traced, listeners: Listeners, call: Call): CallTrace {
    return new CallTrace(traced, listeners, [call], call, nameOf(call), undefined, onSettled)
  }

  /** A pipeline, or from MULTI to EXEC. One command alone is no batch. */
  static ofBatch(traced: Traced, listeners: Listeners, calls: readonly Call[]): CallTrace | undefined {
    const [first] = calls
    const last = calls.at(-1)
    if (first === undefined || last === undefined) return undefined
    const isMulti = first.name === 'multi' && last.name === 'exec'
    if (calls.length === 1)
      return new CallTrace(traced, listeners, calls, first, nameOf(first), undefined, onMemberSettled)
    const members = isMulti ? calls.slice(1, -1) : calls
    const names = members.some(({ carries }) => carries === 'exec') ? undefined : members.map(({ name }) => name)
    return new CallTrace(traced, listeners, calls, last, isMulti ? 'multi' : 'pipeline', names, onMemberSettled)
  }

  get text(): string {
    return this.#calls
      .map((call) => commandText(call.carries ?? call.name, call.args as Arg[], keysIn(call)))
      .join('; ')
  }

  wroteTo(contact: Contact | undefined): void {
    this.attempts += 1
    if (contact === undefined) return
    this.node = contact
    if (this.#contacts.at(-1) !== contact) this.#contacts.push(contact)
  }

  /** The caller's own turn is over. */
  issued(): void {
    tellIssued(this.#listeners, this)
  }

  #settled(error: unknown): void {
    this.error ??= error
    this.#unsettled -= 1
    if (this.#unsettled !== 0) return
    this.tookMs = performance.now() - this.startedAt
    unfollow(this.#last)
    // A late read is asked of two nodes, and the slower one still has it to answer.
    if (this.#contacts.length > 1)
      this.node = this.#contacts.findLast((contact) => !contact.awaits(this.#last)) ?? this.node
    tellSettled(this.#listeners, this)
  }
}

/** A transaction that is carried by one call goes by the name of the command that ends it. */
function nameOf({ carries, name }: Call): string {
  return carries === 'exec' ? 'multi' : (carries ?? name)
}
