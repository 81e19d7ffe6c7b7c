/** RFC 5425 and 6587: the length in octets, a space, the message. */
export function frameOctets(message: string): Buffer {
  const body = Buffer.from(message, 'utf8')
  return Buffer.concat([Buffer.from(`${body.length} `), body])
}

/** RFC 6587: the message and a line feed; a line end within would cut it in two, so it becomes a space. */
export function frameLine(message: string): Buffer {
  return Buffer.from(`${message.replaceAll(/[\r\n]+/g, ' ')}\n`, 'utf8')
}
