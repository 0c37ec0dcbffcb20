import type { LocalTopology } from 'ioredis-sentinel/testkit'

/** Where what the documents take for their examples is here. */
export interface Places {
  readonly url: string
  readonly sentinels: readonly string[]
  readonly nodes: readonly string[]
  /** Folder of what the documents read from `/tls` and `/run/secrets`. */
  readonly files: string
}

export function placesOf(topology: LocalTopology, files: string): Places {
  const named = ({ address: { host, port } }: LocalTopology['nodes'][number] | LocalTopology['sentinels'][number]) =>
    `${host}:${port}`
  return { url: topology.url, sentinels: topology.sentinels.map(named), nodes: topology.nodes.map(named), files }
}

/** A text of the documents, with the servers, files and ports that there are here in place of those of the example. */
export function placed(text: string, { url, sentinels, nodes, files }: Places): string {
  const [node = '', sentinel = ''] = [hostOf(nodes[2]), sentinels[0]]
  return (
    text
      // What `ioredis-sentinel local` printed when the page was written.
      .replace(/redis\+sentinel:\/\/127[\d.:,]+\/mymaster/g, url)
      .replace(/10\.0\.0\.([123]):26379/g, (_, number: string) => at(sentinels, Number(number) - 1))
      .replace(/host: '10\.0\.0\.([123])', port: 26379/g, (_, number: string) =>
        pair(at(sentinels, Number(number) - 1))
      )
      .replace(/host: '127\.0\.0\.1', port: 263(79|80)/g, (_, end: string) => pair(at(sentinels, Number(end) - 79)))
      .replace(/10\.0\.0\.9(?=')/g, node)
      .replace(/sentinel-([012])\.redis\.svc:26379/g, (_, number: string) => at(sentinels, Number(number)))
      // docs/recipes/nat.md: each is reached where it is announced.
      .replace(/(?<=')(?:172\.18\.0\.[234]|127\.0\.0\.1):(?:6379|638[01])(?=')/g, (address) =>
        at(nodes, inTable(address))
      )
      .replace(/(?<=')(?:172\.18\.0\.[567]|127\.0\.0\.1):263[78]\d(?=')/g, (address) => at(sentinels, inTable(address)))
      .replace(/redis\.example\.org:26379/g, sentinel)
      .replace(/(?<=')(?:\/tls\/)?(ca\.crt|tls\.crt|tls\.key)(?=')/g, `${files}/$1`)
      .replace('/run/secrets/sentinel', `${files}/sentinel`)
  )
}

/** Which of three it is: announced by the last part of the host, reached by the end of the port. */
function inTable(address: string): number {
  const [, last = '', port = ''] = /(\d+):(\d+)$/.exec(address) ?? []
  return address.startsWith('172') ? (Number(last) - 2) % 3 : (Number(port) - 9) % 10
}

function at(servers: readonly string[], index: number): string {
  const server = servers[index]
  if (server === undefined) throw new Error(`the group has no server ${index} of its kind`)
  return server
}

function pair(address: string): string {
  const [host = '', port = ''] = address.split(':')
  return `host: '${host}', port: ${port}`
}

const hostOf = (address: string | undefined): string | undefined => address?.split(':')[0]
