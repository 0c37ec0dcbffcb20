import { Command, ScanStream } from 'ioredis'
import type { ScanStreamOptions } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import { CursorLostError } from '../errors.js'
import { goOnFrom, scannedOn } from './scan-cursors.js'

export type ScanName = 'scan' | 'hscan' | 'sscan' | 'zscan'

/** What a scan stream says when it begins again at cursor 0. */
export interface ScanRestart {
  readonly command: ScanName
  /** The key that is scanned, without `keyPrefix`; undefined for SCAN. */
  readonly key: string | undefined
  /** How far it had come: the cursor that was lost with its connection. */
  readonly cursor: string
}

export interface ScanOf {
  readonly command: ScanName
  readonly key?: string
  /** Elements as Buffers instead of strings. */
  readonly buffers?: true
}

type Next = (error: Error | null, reply?: [cursor: string | Buffer, elements: unknown[]]) => void

/** Makes the calls of one stream, and makes them again from the beginning when the cursor was lost. */
class ScanSource {
  readonly #client: AnyRedis
  readonly #scan: ScanOf
  readonly #onRestart: (restart: ScanRestart) => 'begin' | 'end'
  /** The connection that gave the cursor. */
  #connection: number | undefined

  constructor(client: AnyRedis, scan: ScanOf, onRestart: (restart: ScanRestart) => 'begin' | 'end') {
    this.#client = client
    this.#scan = scan
    this.#onRestart = onRestart
  }

  next(args: string[], done: Next): void {
    const { showFriendlyErrorStack, keyPrefix } = this.#client.options
    const command = new Command(
      this.#scan.command,
      args,
      {
        ...(showFriendlyErrorStack === true && { errorStack: new Error() }),
        ...(keyPrefix !== undefined && { keyPrefix }),
        replyEncoding: this.#scan.buffers === true ? null : 'utf8'
      },
      (error, reply) => {
        if (error instanceof CursorLostError) {
          this.#again(args, error.cursor, done)
          return
        }
        this.#connection = scannedOn(command)
        done(error ?? null, reply as Parameters<Next>[1])
      }
    )
    if (this.#connection !== undefined) goOnFrom(command, this.#connection)
    void this.#client.sendCommand(command)
  }

  #again(args: readonly string[], cursor: string, done: Next): void {
    const { command, key } = this.#scan
    const what = this.#onRestart({ command, key, cursor })
    this.#connection = undefined
    if (what === 'end') done(null, ['0', []])
    else this.next(args.toSpliced(key === undefined ? 0 : 1, 1, '0'), done)
  }
}

/**
 * ioredis's ScanStream. When the connection to the primary is lost midway, its cursor is worth nothing: it emits `restart` and begins
 * again at 0, so that everything that is there throughout is seen, part of it twice.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- Readable types its events by overloads; the interface below puts ours before them.
export class RestartingScanStream extends ScanStream {
  #closed = false

  constructor(client: AnyRedis, scan: ScanOf, options: ScanStreamOptions = {}) {
    let onRestart = (_restart: ScanRestart): 'begin' | 'end' => 'end'
    const source = new ScanSource(client, scan, (restart) => onRestart(restart))
    super({
      objectMode: true,
      ...(scan.key !== undefined && { key: scan.key }),
      ...options,
      command: scan.command,
      redis: {
        [scan.command]: (args: string[], done: Next) => {
          source.next(args, done)
        }
      }
    })
    onRestart = (restart) => {
      if (!this.#over) this.emit('restart', restart)
      return this.#over ? 'end' : 'begin'
    }
  }

  get #over(): boolean {
    return this.#closed || this.destroyed
  }

  /** Ends the stream after what is being read. */
  override close(): void {
    this.#closed = true
    super.close()
  }
}

/* eslint-disable @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-explicit-any -- as at the class; the second signature of each is Readable's own */
export interface RestartingScanStream {
  on(event: 'restart', listener: (restart: ScanRestart) => void): this
  on(event: string | symbol, listener: (...args: any[]) => void): this
  once(event: 'restart', listener: (restart: ScanRestart) => void): this
  once(event: string | symbol, listener: (...args: any[]) => void): this
}
