import { createHash, timingSafeEqual } from 'node:crypto'

export interface Asked {
  readonly method: string
  /** As in the request line. */
  readonly path: string
  readonly host: string | undefined
  readonly origin: string | undefined
}

/** The names of this machine for itself. */
const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]'] as const

export type Admission =
  /** `route` is what follows the token, with its slash: `/`, `/events`. */
  { readonly ok: true; readonly route: string } | { readonly ok: false; readonly status: number; readonly why: string }

/**
 * Whether a request may be answered. Three things are asked of each: that it was addressed to this machine by its own name (a page of
 * another site whose name was made to resolve to 127.0.0.1 says the other name), that it knows the token, and that a page that sends it
 * is ours. The port that it was addressed to may be another: a tunnel has its own, and port 80 is left out (RFC 9110, 4.2.3).
 */
export function admit({ method, path, host = '', origin }: Asked, token: string): Admission {
  const name = /^(.+?)(?::\d{1,5})?$/.exec(host)?.[1]
  if (!OWN_NAMES.some((own) => own === name))
    return refused(421, `this dashboard answers to ${OWN_NAMES.join(', ')} only, at any port`)
  const [, first = '', rest] = /^\/([^/?]*)(\/[^?]*)?(?:\?.*)?$/.exec(path) ?? []
  if (!sameText(first, token))
    return refused(403, 'open the URL that the dashboard printed: the token is missing or wrong')
  if (origin !== undefined && origin !== `http://${host}`)
    return refused(403, 'the request comes from a page of another site')
  if (method !== 'GET' && method !== 'POST') return refused(405, `${method} is not answered; GET and POST are`)
  return rest === undefined ? refused(404, 'the URL ends in a slash') : { ok: true, route: rest }
}

function refused(status: number, why: string): Admission {
  return { ok: false, status, why }
}

/** How long it takes tells nothing of where they differ. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
