const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40
}

/** `256Mi`, `500m` and the like as a number. */
export function quantity(text: string): number {
  const [, digits = '', suffix = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(text)) ?? []
  const factor = FACTORS[suffix]
  if (digits === '' || factor === undefined) throw new RangeError(`${text} is not a quantity such as 256Mi or 500m`)
  return Number(digits) * factor
}
