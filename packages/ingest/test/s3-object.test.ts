import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32 } from 'node:zlib'
import * as sdk from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { openObject } from '../src/s3/object.ts'

/** A service that says the checksum of its objects, as S3 does, and leaves each answer to the test after its half. */
async function service(body: Buffer): Promise<{ readonly client: sdk.S3Client; answer(): ServerResponse }> {
  const answers: ServerResponse[] = []
  const server = createServer((_, answer) => {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    answer.writeHead(200, {
      'content-length': body.length,
      etag: '"e"',
      'last-modified': new Date(0).toUTCString(),
      'x-amz-checksum-crc32': sum.toString('base64'),
    })
    answer.write(body.subarray(0, body.length / 2))
    answers.push(answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const client = new sdk.S3Client({ region: 'eu-west-1', endpoint, forcePathStyle: true, credentials })
  onTestFinished(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { client, answer: () => answers[0]! }
}

const OBJECT = { bucket: 'b', key: 'k' }
const BODY = Buffer.alloc(100_000, 'x')

test('the whole of an object comes, its checksum looked at', async () => {
  const { client, answer } = await service(BODY)
  const open = await openObject({ client, sdk }, OBJECT, new AbortController().signal)
  answer().end(BODY.subarray(BODY.length / 2))
  expect(await open!.bytes()).toEqual(BODY)
})

test('a connection that is cut before anybody reads is an error of whoever reads, and of nobody else', async () => {
  const { client, answer } = await service(BODY)
  const open = await openObject({ client, sdk }, OBJECT, new AbortController().signal)
  answer().destroy()
  await once(answer(), 'close')
  // Whatever the body makes of it has happened by then.
  for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve))
  await expect(open!.bytes()).rejects.toThrow()
})

test('a stop before anybody reads ends the body', async () => {
  const { client } = await service(BODY)
  const stop = new AbortController()
  const open = await openObject({ client, sdk }, OBJECT, stop.signal)
  stop.abort()
  for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve))
  await expect(open!.bytes()).rejects.toThrow()
})
