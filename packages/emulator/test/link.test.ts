import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock } from '@weir/runtime'
import { afterEach, expect, test } from 'vitest'
import { type Link, startLink } from '../src/link/link.ts'
import { IN_FLIGHT_BYTES_MAX } from '../src/link/pump.ts'

let server: Server
let link: Link
const accepted: Socket[] = []

afterEach(async () => {
  await link.stop()
  for (const socket of accepted.splice(0)) socket.destroy()
  server.close()
})

/** A server that does with each connection what the test says, behind a link. */
async function behindLink(serve: (socket: Socket) => void, clock = systemClock): Promise<void> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  link = await startLink({ listen: 0, target: { host: '127.0.0.1', port }, clock })
}

async function dial(): Promise<Socket> {
  const socket = connect(link.port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part)
  return Buffer.concat(parts)
}

test('what goes in comes out, and both directions are counted to the byte', async () => {
  await behindLink((socket) => socket.pipe(socket))
  const client = await dial()
  const sent = Buffer.alloc(3_000_000, 'weir')
  client.end(sent)
  expect((await all(client)).equals(sent)).toBe(true)
  expect(link.stats()).toMatchObject({ upBytes: 3_000_000, downBytes: 3_000_000, bytes: 6_000_000 })
  expect(link.stats().connections).toBe(1)
})

test('a cut resets what is up and refuses what comes, until it is resumed', async () => {
  await behindLink((socket) => socket.pipe(socket))
  const client = await dial()
  client.write('a')
  await once(client, 'data')
  link.cut()
  const [error] = await once(client, 'error')
  expect(error.code).toBe('ECONNRESET')
  const refused = connect(link.port, '127.0.0.1')
  expect((await once(refused, 'error'))[0].code).toBe('ECONNRESET')
  expect(link.stats().refused).toBe(1)
  link.resume()
  const again = await dial()
  again.end('b')
  expect((await all(again)).toString()).toBe('b')
})

test('a reset on the far side reaches the near side', async () => {
  await behindLink((socket) => void socket.once('data', () => socket.resetAndDestroy()))
  const client = await dial()
  client.write('x')
  expect((await once(client, 'error'))[0].code).toBe('ECONNRESET')
})

test('a target that is not there resets the connection', async () => {
  await behindLink(() => undefined)
  link.retarget({ host: '127.0.0.1', port: 1 })
  const client = connect(link.port, '127.0.0.1')
  expect((await once(client, 'error'))[0].code).toBe('ECONNRESET')
})

test('a receiver that does not read stops the sender, and little waits on the link', async () => {
  await behindLink((socket) => socket.pause())
  const client = await dial()
  const chunk = Buffer.alloc(65_536)
  while (client.write(chunk)) if (client.writableLength > 1_000_000) break
  for (let round = 0; round < 2_000; round++) client.write(chunk)
  let before = -1
  while (link.stats().upBytes !== before) {
    before = link.stats().upBytes
    for (let turn = 0; turn < 200; turn++) await new Promise((turned) => setImmediate(turned))
  }
  // Two kernel buffers and the link's own bound, far from the 131 MB that the sender has ready.
  expect(link.stats().upBytes).toBeLessThan(IN_FLIGHT_BYTES_MAX + 20_000_000)
  client.destroy()
})

test('a limit and a delay hold on average, by the clock that the link was given', async () => {
  const clock = jumpingClock()
  await behindLink((socket) => void socket.resume().on('end', () => socket.end()), clock)
  link.delay(40)
  link.limit(8_000_000)
  const client = await dial()
  client.end(Buffer.alloc(400_000))
  await all(client)
  // 400 kB at 1 MB/s, less the tenth of a second that may be saved up.
  expect(clock.now()).toBeGreaterThanOrEqual(300)
  expect(clock.now()).toBeLessThanOrEqual(400 + 40)
})

/** A clock on which waiting costs nothing: it jumps. */
function jumpingClock(): Clock {
  let now = 0
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
}

test('a stalled link stays up and carries nothing until it is resumed', async () => {
  await behindLink((socket) => socket.pipe(socket))
  const client = await dial()
  client.write('1')
  await once(client, 'data')
  link.stall()
  client.write('2')
  let heard = false
  client.once('data', () => {
    heard = true
  })
  for (let turn = 0; turn < 500; turn++) await new Promise((turned) => setImmediate(turned))
  expect(heard).toBe(false)
  link.resume()
  if (!heard) await once(client, 'data')
  client.destroy()
})
