import { Offers } from './offers.js'

/** What those who are told of calls are told of their client. */
export class Traced {
  readonly group: string
  client: object
  offers = new Offers()
  readonly #databaseOf: () => number

  constructor(client: object, group: string, database: () => number) {
    this.group = group
    this.client = client
    this.#databaseOf = database
  }

  get database(): number {
    return this.#databaseOf()
  }

  /** Its calls are offered and told as those of the client whose connection it is. */
  belongsTo({ client, offers }: Traced): void {
    this.client = client
    this.offers = offers
  }
}
