import { isObject } from '@weir/model'

/** Type codes of AMQP body sections. */
const DATA = 0x75
const SEQUENCE = 0x76

/**
 * A message's body as bytes: data as they are, text as UTF-8, any other AMQP value as the JSON that stands for
 * it (the sender's client library chose the encoding, not the logger).
 */
export function bodyBytes(body: unknown): Uint8Array {
  if (isSection(body)) {
    if (body.typecode !== DATA) return json(body.content)
    return body.multiple === true ? Buffer.concat(body.content as Buffer[]) : (body.content as Buffer)
  }
  if (Buffer.isBuffer(body)) return body
  return typeof body === 'string' ? Buffer.from(body) : json(body)
}

interface Section {
  readonly typecode: typeof DATA | typeof SEQUENCE
  readonly content: unknown
  readonly multiple?: boolean
}

function isSection(body: unknown): body is Section {
  if (!isObject(body) || !('content' in body)) return false
  return body['typecode'] === DATA || body['typecode'] === SEQUENCE
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value) ?? 'null')
}
