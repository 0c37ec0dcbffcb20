import { callApplication } from './uncaught.js'

/** Who is asked before a call of one client is issued whether to be told of it. */
export class Offers {
  #asked: readonly (() => boolean)[] = []
  /** Undefined while nobody is to be asked, which most calls find. */
  #ask: (() => boolean) | undefined

  /** Also asks this one, until what it gives is called. */
  add(isWanted: () => boolean): () => void {
    const asked = (): boolean => isWanted()
    this.#set([...this.#asked, asked])
    return () => {
      this.#set(this.#asked.filter((one) => one !== asked))
    }
  }

  /** Somebody wants to be told of the call that is about to be issued. */
  get isWanted(): boolean {
    return this.#ask !== undefined && answerOf(this.#ask)
  }

  #set(asked: readonly (() => boolean)[]): void {
    this.#asked = asked
    this.#ask = asked.length > 1 ? () => asked.some(answerOf) : asked[0]
  }
}

/** Asked of each call, and so without a function of its own. */
function answerOf(isWanted: () => boolean): boolean {
  try {
    return isWanted()
  } catch (error) {
    callApplication(() => {
      throw error
    })
    return false
  }
}
