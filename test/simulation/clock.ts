/** What will happen at one moment. */
export interface Appointment {
  at: number
  order: number
  run: () => void
  cancelled: boolean
}

/** Time that passes only from one appointment to the next. Milliseconds from 0. */
export class Clock {
  now = 0
  /** How far the wall clock of the client has been put forward or back. */
  wallOffset = 0
  #heap: Appointment[] = []
  #order = 0

  schedule(delayMs: number, run: () => void): Appointment {
    const entry = { at: this.now + Math.max(0, delayMs), order: ++this.#order, run, cancelled: false }
    const heap = this.#heap
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Appointment
      if (!isBefore(entry, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
    return entry
  }

  /** The next appointment, its time being now; undefined when there is none. */
  next(): Appointment | undefined {
    for (;;) {
      const entry = this.#pop()
      if (entry === undefined) return undefined
      if (entry.cancelled) continue
      this.now = entry.at
      return entry
    }
  }

  #pop(): Appointment | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Appointment, heap[child] as Appointment)) child += 1
      const below = heap[child] as Appointment
      if (!isBefore(below, last)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
    return top
  }
}

function isBefore(a: Appointment, b: Appointment): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
