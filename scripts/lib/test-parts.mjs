import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.mjs'
import { runProgram } from './run-program.mjs'

const tsc = (project) => ['typescript/bin/tsc', '--noEmit', '-p', project]

const CHECKS = {
  types: [
    { title: 'types (tsc)', words: tsc('tsconfig.json') },
    { title: 'types of what runs in a browser (tsc)', words: tsc('src/cli/browser/tsconfig.json') }
  ],
  lint: [{ title: 'lint (eslint)', words: ['eslint/bin/eslint.js', '.'] }],
  format: [{ title: 'format (prettier)', words: ['prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] }]
}

/** Runs what belongs to one check, beside whatever else runs; each program is one result. */
export async function runCheck(name, output) {
  const results = []
  for (const { title, words } of CHECKS[name]) {
    const [path, ...args] = words
    const program = [join(ROOT, 'node_modules', path), ...args]
    const code = await runProgram(process.execPath, program, { output, inTheBackground: true })
    const outcome = code === 0 ? { state: 'passed' } : { state: 'failed', note: `exit code ${code}` }
    results.push({ name: title, ...outcome })
  }
  return results
}

/**
 * Runs one vitest project with `folder` as its folder for temporary files; every test is one result. `node` runs it, and `env`
 * is added to its environment.
 * @returns {Promise<{ name: string, state: 'passed' | 'failed' | 'skipped', note?: string }[]>}
 */
export async function runProject(name, vitestArgs, folder, output, { node = process.execPath, env = {} } = {}) {
  const resultsFile = join(folder, `${name}-results.json`)
  const args = ['run', '--project', name, '--reporter=default', `--reporter=${RESULTS_REPORTER}`, ...vitestArgs]
  if (vitestArgs.length > 0) args.push('--passWithNoTests')
  const code = await runProgram(node, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
    env: { ...env, VITEST_RESULTS_FILE: resultsFile, TMPDIR: folder },
    output
  })
  const results = readResults(resultsFile)
  const explained = code === 0 || results?.some(({ state }) => state === 'failed')
  const complete = results !== undefined && (results.length > 0 || vitestArgs.length > 0)
  if (explained && complete) return results
  const note = complete ? `vitest ended with exit code ${code}` : `vitest ran no test (exit code ${code}), see above`
  return [...(results ?? []), { name: `the ${name} project`, state: 'failed', note }]
}

const RESULTS_REPORTER = join(ROOT, 'scripts/lib/vitest-results-reporter.mjs')

function readResults(file) {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8'))
    rmSync(file)
    return results
  } catch {
    return undefined
  }
}
