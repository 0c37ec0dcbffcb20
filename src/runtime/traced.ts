import type { CommandOffer } from '../observe/command-trace.js'

/** What those who are told of calls are told of their client. */
export class Traced {
  readonly group: string
  readonly offer: { client: object } & CommandOffer
  readonly #databaseOf: () => number

  constructor(client: object, group: string, database: () => number) {
    this.group = group
    this.offer = { client, wanted: false }
    this.#databaseOf = database
  }

  get client(): object {
    return this.offer.client
  }

  get database(): number {
    return this.#databaseOf()
  }

  /** Its calls are told as those of the client whose connection it is. */
  belongsTo(client: object): void {
    this.offer.client = client
  }
}
