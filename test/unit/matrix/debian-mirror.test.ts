import { describe, expect, it } from 'vitest'
import { debianMirrorIn } from '../../../scripts/matrix/debian-mirror.js'

const lines = (...targets: readonly string[]): string => targets.map((line) => `${line}\n`).join('')

describe("the machine's own mirror of Debian", () => {
  it('is where it takes a release from', () => {
    const targets = lines(
      'Packages https://node.example/node_20.x/ nodistro main',
      'Packages http://mirror.example/debian-security/ bookworm-security main',
      'Translations http://mirror.example/debian/ bookworm main',
      'Packages http://mirror.example/debian/ bookworm-updates main',
      'Packages http://mirror.example/debian/ bookworm main'
    )
    expect(debianMirrorIn(targets)).toBe('http://mirror.example/debian/')
  })

  it.each(['trixie', 'sid', 'stable'])('may be one of %s', (release) => {
    expect(debianMirrorIn(lines(`Packages file:/srv/debian/ ${release} main`))).toBe('file:/srv/debian/')
  })

  it('is none on a machine of another system, or without sources', () => {
    expect(debianMirrorIn(lines('Packages http://mirror.example/ubuntu/ noble main'))).toBeUndefined()
    expect(debianMirrorIn(lines('Packages http://mirror.example/debian/ bookworm contrib'))).toBeUndefined()
    expect(debianMirrorIn('')).toBeUndefined()
  })
})
