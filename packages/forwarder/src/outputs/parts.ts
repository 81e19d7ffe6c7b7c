import type { Message } from './output.ts'

/** Divides messages into requests of at most `bytesMax`; one message over it goes alone. */
export function partsOf(messages: readonly Message[], bytesMax: number): Message[][] {
  const parts: Message[][] = []
  let bytes = 0
  for (const message of messages) {
    bytes += message.bytes.length
    const last = parts.at(-1)
    if (last !== undefined && bytes <= bytesMax) {
      last.push(message)
    } else {
      parts.push([message])
      bytes = message.bytes.length
    }
  }
  return parts
}
