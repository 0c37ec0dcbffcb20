import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { REDIS_ID } from './user.js'

/** A file or folder of this machine that the container has at `target`. */
export interface Bind {
  readonly source: string
  readonly target: string
  readonly readOnly?: boolean
}

export interface RootFiles {
  readonly hostname: string
  readonly address: string
  readonly resolvConf: string
}

/** In place of an image: programs and libraries of this machine, read only. */
const PROGRAM_FOLDERS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr']
const ETC = ['alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'ssl', 'ca-certificates']
/** Names that Valkey's images have for the same programs, where this machine has Redis. */
const VALKEY = ['server', 'sentinel', 'cli']
const SHIMS = 'opt/image/bin'
export const IMAGE_PATH = `/${SHIMS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`

/**
 * Makes the folder a new container begins with, and what has to be mounted for it, as lines of an fstab. Mount points are
 * made here, in the container's own folder: nothing outside of it is touched.
 */
export function makeRoot(root: string, files: RootFiles, binds: readonly Bind[]): string {
  rmSync(root, { recursive: true, force: true })
  for (const folder of ['etc', 'proc', 'sys', 'dev', 'tmp', 'var', 'run', 'root', SHIMS])
    mkdirSync(join(root, folder), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  const programs: Bind[] = PROGRAM_FOLDERS.filter((folder) => existsSync(`/${folder}`)).flatMap((folder) => {
    if (lstatSync(`/${folder}`).isSymbolicLink()) {
      symlinkSync(readlinkSync(`/${folder}`), join(root, folder))
      return []
    }
    return [{ source: `/${folder}`, target: `/${folder}`, readOnly: true }]
  })
  const etc = ETC.map((name) => `/etc/${name}`)
    .filter(existsSync)
    .map((path) => ({ source: path, target: path, readOnly: true }))
  writeEtc(root, files)
  writeShims(root)
  const all = [...programs, { source: '/dev', target: '/dev' }, ...etc, ...binds]
  const lines = all.map(({ source, target, readOnly }) => {
    makeMountPoint(source, join(root, target))
    return line(source, join(root, target), readOnly === true ? 'bind,ro' : 'bind')
  })
  return [line(root, root, 'bind'), `proc ${root}/proc proc defaults 0 0`, ...lines, ''].join('\n')
}

const escape = (path: string): string => path.replaceAll(' ', '\\040')

function line(source: string, target: string, options: string): string {
  return `${escape(source)} ${escape(target)} none ${options} 0 0`
}

function makeMountPoint(source: string, target: string): void {
  if (existsSync(target)) return
  if (statSync(source).isDirectory()) mkdirSync(target, { recursive: true })
  else {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, '')
  }
}

function writeEtc(root: string, { hostname, address, resolvConf }: RootFiles): void {
  const etc = (name: string, text: string): void => {
    writeFileSync(join(root, 'etc', name), text)
  }
  etc('resolv.conf', resolvConf)
  etc('hostname', `${hostname}\n`)
  etc('hosts', `127.0.0.1\tlocalhost\n${address}\t${hostname}\n`)
  etc('nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n')
  const users = [
    ['root', 0, '/root'],
    ['redis', REDIS_ID, '/home/redis'],
    ['nobody', 65_534, '/nonexistent']
  ] as const
  etc('passwd', users.map(([name, id, home]) => `${name}:x:${id}:${id}::${home}:/bin/sh\n`).join(''))
  etc('group', users.map(([name, id]) => `${name}:x:${id}:\n`).join(''))
}

function writeShims(root: string): void {
  for (const program of VALKEY) {
    const own = join('/usr/bin', `valkey-${program}`)
    if (!existsSync(own)) symlinkSync(`/usr/bin/redis-${program}`, join(root, SHIMS, `valkey-${program}`))
  }
}
