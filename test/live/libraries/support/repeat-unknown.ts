import { UnknownOutcomeError } from 'ioredis-sentinel'

/** Makes a call again until its outcome is known: for calls that name what they make, so that a second one changes nothing. */
export async function repeatUnknown<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error
    }
  }
}
