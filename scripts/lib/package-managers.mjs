/**
 * How each package manager installs without asking, and what it calls things. `redis`, `iptables`, `network` (what a cluster of
 * processes needs), `shells`, `completion` (whose shells complete words) and `chromium` list the sets of packages to try, in order. `refresh` may fail: an old list often is enough.
 */
export const PACKAGE_MANAGERS = [
  {
    name: 'apt-get',
    needsRoot: true,
    refresh: ['apt-get', 'update', '-qq'],
    install: withoutStartingServices([
      'apt-get',
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      '-o=Dpkg::Use-Pty=0'
    ]),
    redis: [
      ['redis-server', 'redis-sentinel'],
      ['valkey-server', 'valkey-sentinel']
    ],
    iptables: [['iptables']],
    network: [['iproute2', 'iptables', 'util-linux']],
    shells: [['shellcheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: [['chromium']]
  },
  {
    name: 'apk',
    needsRoot: true,
    install: ['apk', 'add', '--no-cache', '--quiet'],
    redis: [['redis'], ['valkey']],
    iptables: [['iptables']],
    network: [['iproute2', 'iptables', 'util-linux', 'coreutils']],
    shells: [['shellcheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: [['chromium']]
  },
  {
    name: 'dnf',
    needsRoot: true,
    install: ['dnf', 'install', '-y', '-q'],
    redis: [['redis'], ['valkey']],
    iptables: [['iptables']],
    network: [['iproute', 'iptables', 'util-linux']],
    shells: [['ShellCheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: [['chromium']]
  },
  {
    name: 'yum',
    needsRoot: true,
    install: ['yum', 'install', '-y', '-q'],
    redis: [['redis'], ['valkey']],
    iptables: [['iptables']],
    network: [['iproute', 'iptables', 'util-linux']],
    shells: [['ShellCheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: [['chromium']]
  },
  {
    name: 'pacman',
    needsRoot: true,
    install: ['pacman', '-Sy', '--noconfirm', '--needed'],
    redis: [['valkey'], ['redis']],
    iptables: [['iptables']],
    network: [['iproute2', 'iptables', 'util-linux']],
    shells: [['shellcheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: [['chromium']]
  },
  {
    name: 'zypper',
    needsRoot: true,
    install: ['zypper', '--non-interactive', '--quiet', 'install'],
    redis: [['redis'], ['valkey']],
    iptables: [['iptables']],
    network: [['iproute2', 'iptables', 'util-linux']],
    shells: [['shellcheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: [['chromium']]
  },
  // Homebrew refuses to run as root.
  {
    name: 'brew',
    needsRoot: false,
    install: ['brew', 'install', '--quiet'],
    redis: [['redis'], ['valkey']],
    iptables: [],
    network: [],
    shells: [['shellcheck', 'dash', 'busybox']],
    completion: [['zsh', 'fish']],
    chromium: []
  }
]

/**
 * Debian starts a service as soon as its package is installed, unless /usr/sbin/policy-rc.d exits with 101 (invoke-rc.d(8)).
 * Ours is there only while the package manager runs, and never in the place of one that is there already.
 * @param {string[]} command
 * @returns {string[]}
 */
export function withoutStartingServices(command, policy = '/usr/sbin/policy-rc.d') {
  const script = `
    policy=$1
    shift
    if (set -C; printf '#!/bin/sh\\nexit 101\\n' > "$policy") 2>/dev/null; then
      trap 'rm -f "$policy"' EXIT
      trap 'exit 129' HUP
      trap 'exit 130' INT
      trap 'exit 143' TERM
      chmod 755 "$policy"
    fi
    DEBIAN_FRONTEND=noninteractive "$@"`
  return ['sh', '-c', script, 'install', policy, ...command]
}
