/** An RFC 5424 message as a receiver sees it; `undefined` stands for the nil value. */
export interface SyslogMessage {
  readonly facility: number
  readonly severity: number
  readonly timestamp: string | undefined
  readonly host: string | undefined
  readonly app: string | undefined
  readonly procId: string | undefined
  readonly msgId: string | undefined
  /** As it stands between the header and the message. */
  readonly structuredData: string | undefined
  readonly message: string
}

const HEADER = /^<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/
const PRIORITY_MAX = 191

/** Reads a message strictly by RFC 5424; `undefined` when it is none. */
export function parseSyslog(text: string): SyslogMessage | undefined {
  const header = HEADER.exec(text)
  if (header === null) return undefined
  const [whole, priority, timestamp, host, app, procId, msgId] = header
  if (Number(priority) > PRIORITY_MAX) return undefined
  if (timestamp !== '-' && !TIMESTAMP.test(timestamp!)) return undefined
  const rest = text.slice(whole.length)
  const end = structuredDataEnd(rest)
  if (end === undefined) return undefined
  return {
    facility: Number(priority) >> 3,
    severity: Number(priority) & 7,
    timestamp: nil(timestamp!),
    host: nil(host!),
    app: nil(app!),
    procId: nil(procId!),
    msgId: nil(msgId!),
    structuredData: nil(rest.slice(0, end)),
    message: rest.slice(end + 1).replace(/^\uFEFF/, ''),
  }
}

function nil(value: string): string | undefined {
  return value === '-' ? undefined : value
}

/** Where the structured data ends: after the nil value, or after the last bracket, quoted ones left aside. */
function structuredDataEnd(rest: string): number | undefined {
  if (rest === '-' || rest.startsWith('- ')) return 1
  let at = 0
  while (rest[at] === '[') {
    const end = elementEnd(rest, at + 1)
    if (end === undefined) return undefined
    at = end
  }
  return at > 0 && (at === rest.length || rest[at] === ' ') ? at : undefined
}

function elementEnd(rest: string, from: number): number | undefined {
  let quoted = false
  for (let at = from; at < rest.length; at++) {
    const char = rest[at]
    if (quoted && char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (!quoted && char === ']') return at + 1
  }
  return undefined
}
