import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { openHttp } from '../src/outputs/http.ts'
import { makeCertificates, pemFiles } from './support/certificates.ts'
import { openProxy } from './support/hook.ts'

const opened: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test.each(['directly', 'through a proxy'])(
  'a replaced certificate is shown with the next call, %s',
  async (how) => {
    const { authority, server, client, second } = makeCertificates()
    const receiver = createServer({ ...server, ca: authority.cert, requestCert: true }, (request, response) =>
      response.end(String((request.socket as TLSSocket).getPeerCertificate().subject.CN)),
    )
    await new Promise<void>((resolve) => receiver.listen(0, '::1', resolve))
    opened.push(
      () => receiver.close(),
      () => receiver.closeAllConnections(),
    )
    const proxy = await openProxy()
    opened.push(() => proxy.close())
    const files = pemFiles({ ca: authority.cert, cert: client.cert, key: client.key })
    const place = {
      name: 'siem',
      url: `https://[::1]:${(receiver.address() as AddressInfo).port}`,
      connectMs: 2000,
      ...files,
      ...(how === 'directly' ? {} : { proxy: `http://127.0.0.1:${proxy.port}` }),
    }
    const http = openHttp(place)
    opened.push(() => http.close())
    const shown = async () => (await http.call({ path: '/', signal: new AbortController().signal })).text
    expect(await shown()).toBe('forwarder')
    writeFileSync(files['cert']!, second.cert)
    expect(await shown()).toBe('forwarder')
    writeFileSync(files['key']!, second.key)
    expect(await shown()).toBe('second')
    writeFileSync(files['ca']!, 'torn')
    expect(await shown()).toBe('second')
  },
)
