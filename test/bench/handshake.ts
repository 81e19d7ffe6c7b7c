import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:http2'
import type { Network } from '@weir/emulator'

/** What a connection costs that asks nothing: both certificates, the session tickets, and HTTP/2's first frames. */
export async function handshakeBytes({ links, certificates }: Network): Promise<number> {
  const before = links.vpn.stats().bytes
  const { ca, client } = certificates
  const session = connect(`https://localhost:${links.vpn.port}`, {
    ca: readFileSync(ca),
    cert: readFileSync(client.cert),
    key: readFileSync(client.key),
  })
  // Frames come in order, so when this one is answered everything before it is there.
  await once(session, 'remoteSettings')
  await new Promise((resolve) => session.ping(resolve))
  const bytes = links.vpn.stats().bytes - before
  session.close()
  await once(session, 'close')
  return bytes
}
