/** How messages are told apart: by their length before them, by a line feed, or by datagrams of their own. */
export type Framing = 'octet' | 'lf' | 'datagram'

/** A message as the wire takes it. */
export function frame(message: string, framing: Framing): Buffer {
  switch (framing) {
    case 'octet':
      return frameOctets(message)
    case 'lf':
      return frameLine(message)
    case 'datagram':
      return Buffer.from(message, 'utf8')
    default:
      return framing satisfies never
  }
}

/** RFC 5425 and 6587: the length in octets, a space, the message. */
function frameOctets(message: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(message)} ${message}`, 'utf8')
}

/** RFC 6587: the message and a line feed; a line end within would cut it in two, so it becomes a space. */
function frameLine(message: string): Buffer {
  return Buffer.from(`${message.replaceAll(/[\r\n]+/g, ' ')}\n`, 'utf8')
}
