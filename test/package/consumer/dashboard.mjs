// Run where the packed tarball is installed, and no bundler is: what the dashboard of the command line consists of.
import { spawn } from 'node:child_process'

const args = ['dashboard', '--sentinels', '127.0.0.1:1', '--name', 'none', '--json']
const child = spawn(process.execPath, ['node_modules/ioredis-sentinel/dist/cli.js', ...args], {
  stdio: ['ignore', 'pipe', 'inherit']
})
try {
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray()
  const { url } = JSON.parse(line)
  const parts = await Promise.all(
    ['', 'page.js', 'page.css'].map(async (name) => {
      const response = await fetch(url + name)
      return [response.status, (await response.text()).length > 1000]
    })
  )
  console.log(JSON.stringify(parts))
} finally {
  child.kill()
}
