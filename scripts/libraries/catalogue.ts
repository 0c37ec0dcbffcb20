export interface Library {
  readonly title: string
  /** Of its section in docs/libraries.md. */
  readonly anchor: string
  /** Whose versions are told. */
  readonly packages: readonly [string, ...string[]]
}

/** By the name of the test file in test/live/libraries and of the example in examples/libraries. */
export const LIBRARIES = {
  bullmq: { title: 'BullMQ', anchor: 'bullmq', packages: ['bullmq'] },
  'rate-limiter-flexible': {
    title: 'rate-limiter-flexible',
    anchor: 'rate-limiter-flexible',
    packages: ['rate-limiter-flexible']
  },
  'socket.io-redis-adapter': {
    title: 'Socket.IO, Redis adapter',
    anchor: 'socketio-redis-adapter',
    packages: ['socket.io', '@socket.io/redis-adapter']
  },
  'socket.io-redis-streams-adapter': {
    title: 'Socket.IO, Redis Streams adapter',
    anchor: 'socketio-redis-streams-adapter',
    packages: ['socket.io', '@socket.io/redis-streams-adapter']
  },
  redlock: { title: 'redlock', anchor: 'redlock', packages: ['redlock'] },
  'connect-redis': { title: 'connect-redis', anchor: 'connect-redis', packages: ['connect-redis'] },
  'fastify-redis': { title: '@fastify/redis', anchor: 'fastifyredis', packages: ['@fastify/redis', 'fastify'] },
  nestjs: { title: 'NestJS', anchor: 'nestjs', packages: ['@nestjs/core'] },
  'cache-manager': {
    title: 'cache-manager and Keyv',
    anchor: 'cache-manager-and-keyv',
    packages: ['cache-manager', 'keyv', '@keyv/redis']
  },
  bottleneck: { title: 'Bottleneck', anchor: 'bottleneck', packages: ['bottleneck'] }
} as const satisfies Readonly<Record<string, Library>>

export type LibraryName = keyof typeof LIBRARIES

export const LIBRARY_NAMES = Object.keys(LIBRARIES) as readonly LibraryName[]

export function testFileOf(name: LibraryName): string {
  return `test/live/libraries/${name}.test.ts`
}
