export interface Runtime {
  /** npm's package with the program for each platform; none: the Node that runs the script. */
  readonly packages: Readonly<Record<string, string>> | undefined
  /** Below the package's folder. */
  readonly program: string
  /** Before the file that is run. */
  readonly args: readonly string[]
}

/** The packages `bun` and `deno` only choose among these, by an install script, which npm may not run. */
export const RUNTIMES = {
  node: { packages: undefined, program: '', args: [] },
  bun: {
    packages: {
      'linux-x64': '@oven/bun-linux-x64',
      'linux-arm64': '@oven/bun-linux-aarch64',
      'darwin-x64': '@oven/bun-darwin-x64',
      'darwin-arm64': '@oven/bun-darwin-aarch64'
    },
    program: 'bin/bun',
    args: ['run']
  },
  deno: {
    packages: {
      'linux-x64': '@deno/linux-x64-glibc',
      'linux-arm64': '@deno/linux-arm64-glibc',
      'darwin-x64': '@deno/darwin-x64',
      'darwin-arm64': '@deno/darwin-arm64'
    },
    program: 'deno',
    args: ['run', '--allow-net', '--allow-env', '--allow-read', '--allow-sys', '--no-lock', '--node-modules-dir=manual']
  }
} as const satisfies Readonly<Record<string, Runtime>>

export type RuntimeName = keyof typeof RUNTIMES

export const RUNTIME_NAMES = Object.keys(RUNTIMES) as readonly RuntimeName[]

/** What a runtime says when it is asked for its version: `v20.1.0`, `1.4.5`, `deno 2.9.6 (stable, …)`. */
export function versionIn(text: string): string {
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? 'unknown'
}
