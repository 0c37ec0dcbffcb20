import { InvalidArgumentError } from 'commander'

/** For flags that take a whole number. */
export function whole(least: number, most: number, what = 'a whole number'): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Give ${what} from ${least} to ${most}.`)
  }
}

/** For flags that take milliseconds. */
export function wholeMs(least: number, most: number): (text: string) => number {
  return whole(least, most, 'whole milliseconds')
}
