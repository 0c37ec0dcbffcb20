import { ensureChromium } from './ensure-chromium.mjs'
import { ensureClusterTools } from './ensure-cluster-tools.mjs'
import { ensureIptables } from './ensure-iptables.mjs'
import { ensureNodeModules } from './ensure-node-modules.mjs'
import { ensureRedis } from './ensure-redis.mjs'
import { ensureCompletionShells, ensureShells } from './ensure-shells.mjs'
import { runProgram } from './run-program.mjs'
import { CannotGoOn, say } from './say.mjs'
import { parseSelection, TEST_HELP } from './test-selection.mjs'
import { runTests } from './run-tests.mjs'

const HELP = `usage: node scripts/run.mjs <command>
  demo [options]   a real topology, a writer, a reader and a failover; options: npm run demo -- --help
  test [options]   every check and test; options: npm test -- --help
  test-dashboard   the tests of the dashboard, in a real Chromium
  prepare          only install what the two need: npm packages, redis or valkey, iptables`

/** Runs one of the commands above and resolves to the exit code. */
export async function runCommand(command, args) {
  try {
    switch (command) {
      case 'demo':
        await prepare()
        return await runProgram(process.execPath, ['--import', 'tsx', 'examples/demo/main.ts', ...args])
      case 'test':
        return await test(args)
      case 'test-dashboard':
        await prepare()
        await ensureChromium()
        return await runTests(parseSelection(['--only', 'live', 'dashboard', ...args]))
      case 'prepare':
        await prepare()
        return 0
      default:
        say(HELP)
        return command === 'help' || command === '--help' ? 0 : 1
    }
  } catch (error) {
    if (!(error instanceof CannotGoOn)) throw error
    console.error(error.message)
    return 1
  }
}

async function prepare() {
  await ensureNodeModules()
  await ensureRedis()
  await ensureIptables()
}

async function test(args) {
  if (args.includes('--help')) {
    say(TEST_HELP)
    return 0
  }
  const selection = parseSelection(args)
  await ensureNodeModules()
  if (selection.projects.includes('manifests')) await ensureShells()
  if (selection.projects.includes('live')) await ensureCompletionShells()
  if (selection.projects.includes('kubernetes')) await ensureClusterTools()
  if (selection.needsServers) {
    await ensureRedis()
    await ensureIptables()
  }
  return runTests(selection)
}
