import type { JsonObject } from '@weir/model'
import { type StampContext, stampAt } from './stamp.ts'
import { structuredAt } from './structured-data.ts'

/** What stands before the message proper; nothing that was not there is made up. */
export interface SyslogHeader {
  readonly priority?: number
  readonly version?: number
  /** Epoch milliseconds. */
  readonly time?: number
  /** The time tells parts of a second. */
  readonly fine: boolean
  readonly host?: string
  readonly app?: string
  readonly process?: string
  readonly id?: string
  readonly data?: JsonObject
  /** What follows. */
  readonly message: string
}

type Mutable = { -readonly [K in keyof SyslogHeader]: SyslogHeader[K] }

const PRIORITY = /<(\d{1,3})>/y
/** Local use 7, debug. */
const PRIORITY_MAX = 191

/** Reads RFC 5424, the many ways of RFC 3164 and Cisco's own; what is none of them is all message. */
export function syslogHeader(text: string, context: StampContext): SyslogHeader {
  PRIORITY.lastIndex = 0
  const found = PRIORITY.exec(text)
  const priority = found === null ? -1 : Number(found[1])
  if (found === null || priority > PRIORITY_MAX) return older(text, 0, context, false)
  const at = found[0].length
  return { priority, ...(newer(text, at, context) ?? older(text, at, context, true)) }
}

/** RFC 5424: version, time, host, application, process and message id, structured data. */
function newer(text: string, at: number, context: StampContext): SyslogHeader | undefined {
  if (text.charCodeAt(at) !== 49 || text.charCodeAt(at + 1) !== 32) return undefined
  const words: string[] = []
  let from = at + 2
  for (let i = 0; i < 5; i++) {
    const space = text.indexOf(' ', from)
    if (space === -1) return undefined
    words.push(text.slice(from, space))
    from = space + 1
  }
  const [written, host, app, process, id] = words as [string, string, string, string, string]
  const stamp = written === '-' ? undefined : stampAt(written, 0, context)
  if (written !== '-' && stamp?.time === undefined) return undefined
  const data = structuredAt(text, from)
  const header: Mutable = { version: 1, fine: stamp?.fine ?? false, message: bare(text, data?.end ?? from) }
  if (stamp?.time !== undefined) header.time = stamp.time
  if (host !== '-') header.host = host
  if (app !== '-') header.app = app
  if (process !== '-') header.process = process
  if (id !== '-') header.id = id
  if (data?.elements !== undefined) header.data = data.elements
  return header
}

/** The message without the space before it and without a byte order mark. */
function bare(text: string, at: number): string {
  const from = text.charCodeAt(at) === 32 ? at + 1 : at
  return text.slice(text.charCodeAt(from) === 0xfeff ? from + 1 : from)
}

/** Cisco: a running number, perhaps the device's name and a number of its own; a star or full stop before a clock that is not set. */
const CISCO = /(?:\d{1,10}: (?:(?=[\w.-]*[A-Za-z.])([\w.-]{1,255}): (?:\d{1,10}: )?)?)?:? ?[*.]?/y

/** RFC 3164 and what calls itself so: each part may be missing. */
function older(text: string, from: number, context: StampContext, prior: boolean): SyslogHeader {
  CISCO.lastIndex = from
  const cisco = CISCO.exec(text)
  const stamp = stampAt(text, from + (cisco?.[0].length ?? 0), context)
  const header: Mutable = { fine: stamp?.fine ?? false, message: '' }
  let at = from
  if (stamp !== undefined) {
    if (stamp.time !== undefined) header.time = stamp.time
    if (cisco?.[1] !== undefined) header.host = cisco[1]
    at = stamp.end
    if (text.charCodeAt(at) === COLON) at = afterSpaces(text, at + 1)
    else at = hostAt(text, afterSpaces(text, at), header)
  }
  if (stamp !== undefined || prior) at = tagAt(text, at, header)
  header.message = text.slice(at)
  return header
}

const COLON = 58

function afterSpaces(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === 32) at++
  return at
}

/** What begins with these is no host, nor a tag. */
const PAYLOAD = /CEF: ?\d|LEEF: ?\d|[{%@]/y
const TAG = /([\w./@+()-]{1,128})(?:\[([^\]\s]{0,128})\])?:(?: +|$)/y
/** Facility, severity and mnemonic. */
const CISCO_TAG = /(?:: ?)?%(\w+(?:-\w+){0,3}?)-([0-7])-(\w+): */y

/** Takes a host, unless a tag or a message stands where it should; the index behind it. */
function hostAt(text: string, at: number, header: Mutable): number {
  if (matches(PAYLOAD, text, at) || matches(TAG, text, at)) return at
  const space = text.indexOf(' ', at)
  const end = space === -1 ? text.length : space
  const host = text.slice(at, end)
  if (!/^[\w.:%-]{1,255}$/.test(host)) return at
  header.host = host
  return afterSpaces(text, end)
}

function tagAt(text: string, at: number, header: Mutable): number {
  CISCO_TAG.lastIndex = at
  const cisco = CISCO_TAG.exec(text)
  if (cisco !== null) {
    header.app = cisco[1] as string
    header.id = cisco[3] as string
    return at + cisco[0].length
  }
  if (matches(PAYLOAD, text, at)) return at
  TAG.lastIndex = at
  const tag = TAG.exec(text)
  if (tag === null) return at
  header.app = tag[1] as string
  if (tag[2] !== undefined && tag[2] !== '') header.process = tag[2]
  return at + tag[0].length
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
