// The way in to `npm run demo` and `npm test`. Only what any Node can parse stands here, so that an old one gets a clear line.
const NEEDS = { demo: [20, 0], prepare: [20, 0], test: [20, 19] }

const [command = 'help', ...args] = process.argv.slice(2)
const [needMajor, needMinor] = NEEDS[command] || NEEDS.demo
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < needMajor || (major === needMajor && minor < needMinor)) {
  console.error(`this needs Node ${needMajor}.${needMinor} or newer; ${process.execPath} is ${process.versions.node}`)
  process.exit(1)
}

import('./lib/commands.mjs')
  .then(({ runCommand }) => runCommand(command, args))
  .then((code) => {
    process.exitCode = code
  })
