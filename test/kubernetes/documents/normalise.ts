const OBJECT = '[a-z]+(?:\\.[a-z0-9.]+)?'

/** What kubectl says of what it does, and not of what is in the cluster. */
const SAYINGS = [
  new RegExp(`^${OBJECT}/\\S+ (?:created|configured|unchanged|scaled|restarted|patched|condition met)$`),
  new RegExp(`^${OBJECT} "\\S+" (?:force )?deleted$`),
  /^Waiting for \d+ pods to be ready\.\.\.$/,
  /^waiting for statefulset rolling update to complete .*\.\.\.$/,
  /^statefulset rolling update complete .*\.\.\.$/,
  /^Waiting for deployment "\S+" rollout to finish: .*\.\.\.$/,
  /^deployment "\S+" successfully rolled out$/,
  /^Warning: Immediate deletion does not wait for confirmation /
]

/** What is said at the top of docs/playing-around.md to be left out of the outputs: names are short, dates and kubectl's own words not there. */
export function normalise(printed: string): string {
  const lines = printed
    .replaceAll(/\b((?:redis|sentinel)-\d+)\.(?:redis|sentinel)-headless\.[a-z0-9-]+\.svc\.cluster\.local\b/g, '$1')
    .replaceAll(/^\d+:([XMSC]) \d+ [A-Z][a-z]{2} \d{4} (?=\d\d:)/gm, '$1 ')
    .replaceAll(/\b\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)Z/g, '$1')
    .replaceAll('\r', '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !SAYINGS.some((saying) => saying.test(line)))
  const text = lines.join('\n').replace(/^\n+|\n+$/g, '')
  return text === '' ? '' : `${text}\n`
}
