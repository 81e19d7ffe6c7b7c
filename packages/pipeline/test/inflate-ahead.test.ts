import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { InflateAhead } from '../src/inflate-ahead.ts'

const text = (n: number) => `{"n":${n}}`.repeat(1 + n * 50)

function messagesOf(all: readonly Uint8Array[]) {
  return all.map((bytes, index) => ({ bytes, at: String(index), arrival: 0 }))
}

async function taken(all: readonly Uint8Array[]): Promise<(string | undefined)[]> {
  const messages = messagesOf(all)
  const ahead = new InflateAhead(messages)
  const texts = []
  for (const message of messages) texts.push(await ahead.take(message))
  return texts.map((each) => each && Buffer.from(each).toString())
}

test('each message is given its own text, however many there are; the first is left to who reads it', async () => {
  const texts = Array.from({ length: 20 }, (_, n) => text(n))
  const found = await taken(texts.map((each) => gzipSync(each)))
  expect(found).toEqual([undefined, ...texts.slice(1)])
})

test('what is not gzip, damaged, cut short, in several members or wrong about its size is left as it is', async () => {
  const whole = gzipSync(text(3))
  const damaged = Buffer.from(whole)
  damaged[14]! ^= 0xff
  const wrong = Buffer.from(whole)
  wrong.writeUInt32LE(5, wrong.length - 4)
  const cut = whole.subarray(0, whole.length - 9)
  const members = Buffer.concat([whole, gzipSync('{}')])
  const all = [whole, Buffer.from(text(1)), damaged, wrong, cut, members, Buffer.from([0x1f, 0x8b]), whole]
  const found = await taken(all)
  expect(found).toEqual([...Array.from({ length: 7 }, () => undefined), text(3)])
})
