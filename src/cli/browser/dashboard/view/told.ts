import type { Message, Told } from '../../../dashboard/messages.js'

/** As many as the tool keeps. */
const SAMPLES = 600
const HAPPENINGS = 200
const TIMELINES = 20

/** All that this page was told, after one more message; undefined as long as there was no hello. */
export function withMessage(told: Told | undefined, message: Message): Told | undefined {
  if (message.kind === 'hello') {
    const { state, samples, happenings, timelines } = message
    return { state, samples, happenings, timelines }
  }
  if (told === undefined) return undefined
  switch (message.kind) {
    case 'state':
      return { ...told, state: message.state }
    case 'sample':
      return { ...told, samples: [...told.samples, message.sample].slice(-SAMPLES) }
    case 'happening':
      return { ...told, happenings: [...told.happenings, message.happening].slice(-HAPPENINGS) }
    case 'timeline': {
      const { timeline } = message
      const others = told.timelines.filter(({ id }) => id !== timeline.id)
      return { ...told, timelines: [...others, timeline].sort((a, b) => a.id - b.id).slice(-TIMELINES) }
    }
  }
}
