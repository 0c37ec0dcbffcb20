// `kubectl` as a shell finds it: gives its words to the process that has the cluster, which the socket KUBECTL_SOCKET leads to, and
// passes on what that says. Without anything imported from here: it is started for every command of a document.
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const socket = connect(process.env.KUBECTL_SOCKET ?? '')
const send = (frame) => socket.write(`${JSON.stringify(frame)}\n`)
let ended = false

socket.on('error', (error) => {
  process.stderr.write(`error: no cluster answers: ${error.message}\n`)
  process.exit(1)
})
// As `| head` does.
process.stdout.on('error', () => process.exit(141))

createInterface(socket)
  .on('line', (line) => {
    const frame = JSON.parse(line)
    if ('stdout' in frame) process.stdout.write(Buffer.from(frame.stdout, 'base64'))
    else if ('stderr' in frame) process.stderr.write(Buffer.from(frame.stderr, 'base64'))
    else if ('wants' in frame) giveInput()
    else {
      ended = true
      process.exitCode = frame.code
      process.stdin.destroy()
      socket.end()
    }
  })
  .on('close', () => {
    if (ended) return
    process.stderr.write('error: the cluster has ended\n')
    process.exit(1)
  })

// Not before it is wanted: it may be somebody else's.
function giveInput() {
  process.stdin.on('data', (chunk) => send({ stdin: chunk.toString('base64') }))
  process.stdin.on('end', () => send({ stdinEnds: true }))
}

send({ argv: process.argv.slice(2), cwd: process.cwd() })
