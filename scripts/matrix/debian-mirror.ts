/** A release of Debian by its code name, or by what it is at the time; not its updates, security or backports. */
const RELEASE = /^(?:buster|bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable)$/

/** What `apt-get indextargets` is asked to print of each list of packages that the machine takes from somewhere. */
export const TARGET_FORMAT = '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)'

/** The mirror of Debian that the machine itself uses, from what apt-get has printed in TARGET_FORMAT; undefined without one. */
export function debianMirrorIn(targets: string): string | undefined {
  return targets
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find(
      ([kind, , release = '', component]) => kind === 'Packages' && RELEASE.test(release) && component === 'main'
    )?.[1]
}
