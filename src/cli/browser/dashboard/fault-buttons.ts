import type { FaultsView, GroupView, State } from '../../dashboard/messages.js'
import { byId, element, setText } from './dom.js'
import { Asking } from './view/asking.js'
import { faultQuestion } from './view/words.js'

/** The buttons for faults, and what came of the last one. */
export class FaultButtons {
  readonly #buttons = new Map<string, HTMLButtonElement>()
  readonly #asking = new Asking()
  #view: FaultsView | undefined
  #group: GroupView | undefined

  constructor() {
    byId('heal').addEventListener('click', () => void this.#ask('heal'))
  }

  /** Whether the page hears the tool. */
  hears(isHeard: boolean): void {
    this.#asking.hears(isHeard)
    this.#mark()
  }

  /** To be told of each state as it comes, also where none is drawn. */
  told(state: State): void {
    this.#asking.told(state)
  }

  show(view: FaultsView, group: GroupView): void {
    if (this.#view === undefined)
      setText(
        byId('hint'),
        view.confirm ? 'You are asked before anything is done.' : 'Done to the servers that this tool runs.'
      )
    this.#view = view
    this.#group = group
    byId('faults-section').hidden = view.faults.length === 0
    for (const { name, description, unavailable } of view.faults) {
      const button = this.#button(name, unavailable === '' ? description : `${description}. Not here: ${unavailable}`)
      button.disabled = unavailable !== ''
    }
    const heal = byId('heal')
    heal.hidden = view.toHeal.length === 0
    setText(heal, view.toHeal.length === 1 ? 'Heal it' : `Heal all ${view.toHeal.length}`)
    heal.title = view.toHeal.join('; ')
    this.#mark()
  }

  /** One that is truly disabled would lose the focus. */
  #mark(): void {
    const { isHeard } = this.#asking
    const isBusy = this.#view?.busy === true
    for (const button of this.#buttons.values()) button.setAttribute('aria-disabled', String(isBusy || !isHeard))
    byId('heal').setAttribute('aria-disabled', String(!isHeard))
  }

  #button(name: string, description: string): HTMLButtonElement {
    const known = this.#buttons.get(name)
    if (known !== undefined) return known
    const words = name.replaceAll('-', ' ')
    const button = element('button', { type: 'button', title: description }, words)
    button.setAttribute('aria-description', description)
    if (this.#buttons.size === 0) button.className = 'first'
    button.addEventListener('click', () => void this.#press(name, description))
    for (const event of ['focus', 'mouseenter'])
      button.addEventListener(event, () => setText(byId('hint'), description))
    this.#buttons.set(name, button)
    byId('faults').append(button)
    return button
  }

  async #press(name: string, description: string): Promise<void> {
    const [view, group] = [this.#view, this.#group]
    if (view === undefined || group === undefined) return
    if (this.#asking.isHeard) {
      if (view.busy) return
      if (view.confirm && !(await confirmed(faultQuestion(name, description, group)))) return
    }
    await this.#ask(`faults/${name}`)
  }

  async #ask(path: string): Promise<void> {
    say('…', true)
    const { ok, text } = await this.#asking.post(path)
    say(text, ok)
  }
}

function say(text: string, ok: boolean): void {
  const outcome = byId('outcome')
  outcome.className = ok ? 'outcome' : 'outcome bad'
  setText(outcome, text)
}

/** Asks in a dialog, which takes the focus and gives it back. */
function confirmed(question: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('confirm')
  setText(byId('confirm-text'), question)
  return new Promise((resolve) => {
    const over = new AbortController()
    const end = (answer: boolean) => () => {
      over.abort()
      dialog.close()
      resolve(answer)
    }
    byId('confirm-yes').addEventListener('click', end(true), { signal: over.signal })
    byId('confirm-no').addEventListener('click', end(false), { signal: over.signal })
    dialog.addEventListener('cancel', end(false), { signal: over.signal })
    dialog.showModal()
  })
}
