import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measurement } from './measurement.js'

/** One JSON object a line, written as the runs end, so that nothing measured is lost with an interrupted run. */
export class ResultsFile {
  readonly path: string
  readonly #measurements: Measurement[]

  /** @throws Error when it holds a line that is no measurement. */
  constructor(directory: string, resume: boolean) {
    mkdirSync(directory, { recursive: true })
    this.path = join(directory, 'runs.jsonl')
    this.#measurements = resume && existsSync(this.path) ? parseLines(readFileSync(this.path, 'utf8'), this.path) : []
    writeFileSync(this.path, this.#measurements.map(line).join(''))
  }

  get measurements(): readonly Measurement[] {
    return this.#measurements
  }

  append(measurement: Measurement): void {
    this.#measurements.push(measurement)
    appendFileSync(this.path, line(measurement))
  }
}

/** The last line may be cut off, by what interrupted the run: it is left out. */
export function parseLines(text: string, path: string): Measurement[] {
  const lines = text.split('\n').filter((one) => one !== '')
  return lines.flatMap((one, index) => {
    try {
      return [JSON.parse(one) as Measurement]
    } catch (error) {
      if (index === lines.length - 1) return []
      throw new Error(`${path}, line ${index + 1}: ${(error as Error).message}`, { cause: error })
    }
  })
}

function line(measurement: Measurement): string {
  return `${JSON.stringify(measurement)}\n`
}
