import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'

/** The receiver of `forwarder.ts`, a process of its own: counts syslog messages over TLS, framed by octets. */
const [certFile, keyFile, port] = process.argv.slice(2)
const REPORT_EVERY_MS = 20

let messages = 0
let bytes = 0
let told = -1

const tls = { cert: readFileSync(certFile!), key: readFileSync(keyFile!) }
const server = createServer(tls, (socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (data: Buffer) => {
    bytes += data.length
    rest = counted(rest.length === 0 ? data : Buffer.concat([rest, data]))
    if (told <= 0) tell()
  })
})
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`)
  setInterval(tell, REPORT_EVERY_MS)
})

/** Takes whole messages off the front; the rest waits for more. */
function counted(all: Buffer): Buffer {
  for (let from = 0; ; messages++) {
    const space = all.indexOf(32, from)
    const end = space + 1 + Number(all.toString('latin1', from, space))
    if (space === -1 || end > all.length) return all.subarray(from)
    from = end
  }
}

function tell(): void {
  if (messages === told) return
  told = messages
  process.stdout.write(`${JSON.stringify({ messages, bytes })}\n`)
}
