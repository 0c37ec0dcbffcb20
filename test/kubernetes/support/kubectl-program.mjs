#!/usr/bin/env node
// The program kubectl of one trial: hands its words and its standard input to the trial, prints what that answers, and ends with its code.
// The words tell whether there is an input: like kubectl, it does not read one that it was not told to by -i.
import { request } from 'node:http'

const words = process.argv.slice(2)
const end = words.indexOf('--')
const own = end === -1 ? words : words.slice(0, end)
const call = request(
  {
    socketPath: process.env.KUBECTL_SOCKET,
    method: 'POST',
    headers: { words: encodeURIComponent(JSON.stringify(words)) }
  },
  (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part) => (text += part))
    response.on('end', () => {
      const { code, stdout, stderr } = JSON.parse(text)
      process.exitCode = code
      process.stderr.write(stderr)
      process.stdout.write(Buffer.from(stdout, 'base64'))
    })
  }
)
if (own.includes('-i')) process.stdin.pipe(call)
else call.end()
