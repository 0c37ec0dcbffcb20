import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

/**
 * A vitest reporter that writes every test's outcome to the file named by VITEST_RESULTS_FILE:
 * `[{ name, state: 'passed' | 'failed' | 'skipped', note?, ms?, faults? }]`; `faults` is what the test noted that it injected. A file, suite or hook that broke, and an error that nobody
 * handled, stand there as failed. (vitest takes a reporter's default export.)
 */
export default class ResultsReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const results = [...testModules.flatMap(resultsOf), ...unhandledErrors.map(unhandled)]
    writeFileSync(process.env.VITEST_RESULTS_FILE, JSON.stringify(results))
  }
}

function resultsOf(testModule) {
  const file = relative(process.cwd(), testModule.moduleId)
  const broken = [testModule, ...testModule.children.allSuites()].filter((part) => part.errors().length > 0)
  const tests = [...testModule.children.allTests()]
  const collected = tests.length > 0 || broken.length > 0
  return [
    ...broken.map((part) => ({ name: titleOf(file, part), state: 'failed', note: part.errors()[0].message })),
    ...(collected ? [] : [{ name: file, state: 'failed', note: 'it holds no test' }]),
    ...tests.map((test) => testResult(file, test))
  ]
}

function testResult(file, test) {
  const { state, note, errors } = test.result()
  const name = titleOf(file, test)
  const told = { name, state, ms: test.diagnostic()?.duration, faults: test.meta().faults }
  if (state === 'passed') return told
  if (state === 'failed') return { ...told, note: errors[0]?.message }
  return state === 'skipped' ? { name, state, note } : { name, state: 'failed', note: 'it never ended' }
}

function titleOf(file, part) {
  return part.type === 'module' ? file : `${file} > ${part.fullName}`
}

function unhandled(error) {
  return { name: 'an error that nobody handled', state: 'failed', note: error.message }
}
