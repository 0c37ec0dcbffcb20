/** What the library's own words name as options, and what gives them here. */
const GIVEN_BY: readonly (readonly [options: RegExp, flags: string])[] = [
  [
    /"sentinel(?:Username|Password)"/,
    'for the sentinels give --sentinel-password, --sentinel-password-file or REDIS_SENTINEL_PASSWORD'
  ],
  [/"(?:username|password)"/, 'for the nodes give --password, --password-file or REDIS_PASSWORD'],
  [
    /"sentinelTls"/,
    'TLS to the sentinels: --sentinel-tls or a rediss+sentinel:// URL, with --ca, and --cert with --key'
  ],
  [/"tls"/, 'TLS to the nodes: --tls or a rediss+sentinel:// URL, with --ca, and --cert with --key']
]

/** An error of the library, and by which flags the options that it names are given. */
export function withFlags(text: string): string {
  const flags = GIVEN_BY.flatMap(([options, given]) => (options.test(text) ? [given] : []))
  return flags.length === 0 ? text : `${text} (${flags.join('; ')})`
}
