import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Lab } from './lab.ts'

/** Takes one connection; says its port, then how many bytes came in how many milliseconds. */
const RECEIVE = `
  const { createServer } = require('node:net')
  const server = createServer((socket) => {
    const began = Date.now()
    let bytes = 0
    socket.on('data', (data) => { bytes += data.length })
    socket.on('end', () => { console.log(bytes, Date.now() - began); process.exit() })
  }).listen(0, process.argv[1], () => console.log(server.address().port))`

const SEND = `
  const [host, port, bytes] = process.argv.slice(1)
  require('node:net').connect(Number(port), host).end(Buffer.alloc(Number(bytes)))`

/** How long so many bytes take from the premises to the cloud. */
export async function secondsFor(bytes: number, lab: Lab): Promise<number> {
  const host = lab.host(4)
  const [ip, ...args] = [...lab.cloud, process.execPath, '--eval', RECEIVE, host]
  const receiver = spawn(ip!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const lines = createInterface({ input: receiver.stdout })
    const [port] = (await once(lines, 'line')) as [string]
    const told = once(lines, 'line')
    const [sender, ...rest] = [...lab.premises, process.execPath, '--eval', SEND, host, port, String(bytes)]
    await promisify(execFile)(sender!, rest)
    const [came, ms] = ((await told) as [string])[0].split(' ').map(Number)
    if (came !== bytes) throw new Error(`${came} of ${bytes} bytes came`)
    return ms! / 1000
  } finally {
    receiver.kill()
  }
}
