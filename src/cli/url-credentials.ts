/** User and password of one hop as they stand in a URL; empty where it has none. */
export interface UrlCredentials {
  readonly username: string
  readonly password: string
}

/** Those of the nodes stand before the hosts. Percent-decoded. */
export function nodeCredentialsIn(url: string): UrlCredentials {
  const authority = /^[^/]*\/\/([^/?#]*)/.exec(url)?.[1] ?? ''
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : ''
  const colon = user.indexOf(':')
  const [name, secret] = colon === -1 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)]
  return { username: decoded(name), password: decoded(secret) }
}

/** Those of the sentinels stand in the query. */
export function sentinelCredentialsIn(url: string): UrlCredentials {
  const query = new URLSearchParams(url.split('?')[1] ?? '')
  return { username: query.get('sentinelUsername') ?? '', password: query.get('sentinelPassword') ?? '' }
}

/** What cannot be decoded is left to the client's own check of the URL, which says what is wrong with it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
