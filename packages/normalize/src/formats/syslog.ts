import { isUtf8 } from 'node:buffer'
import { isObject, type JsonObject, type SyslogFormat } from '@weir/model'
import type { Limits } from '../limits.ts'
import type { Message } from '../message.ts'
import { cefMember, parseCef } from './cef.ts'
import { leefMember, parseLeef } from './leef.ts'
import { stampAt } from './stamp.ts'
import { type SyslogHeader, syslogHeader } from './syslog-header.ts'

/** Each message becomes one record; what is no syslog at all is one with a `message` and nothing else. */
export function readSyslog(message: Message, format: SyslogFormat, limits: Limits): void {
  const { extents, first } = format
  for (let i = 0; i < extents.length; i += 2) {
    const [start, end] = [extents[i] as number, extents[i + 1] as number]
    if (end - start > limits.recordBytesMax)
      message.refuse(start, end, `record is larger than ${limits.recordBytesMax} bytes`)
    else
      message.keep(
        syslogRecord(textOf(message.bytes.subarray(start, end)), format, first + i / 2),
        start,
        end,
      )
  }
}

/** UTF-8, or Latin-1 where it is none. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}

type Context = Pick<SyslogFormat, 'arrival' | 'zone' | 'peer' | 'listener'>

/**
 * One message as a record: `syslog` holds its header, then comes what it carries: `cef`, `leef`, the members of a
 * JSON object, or `message`.
 */
function syslogRecord(text: string, context: Context, number: number): JsonObject {
  const header = syslogHeader(text, context)
  const syslog = memberOf(header, context, number)
  return { ...time(header), ...payload(header, context), syslog }
}

function time(header: SyslogHeader): JsonObject {
  return header.time === undefined ? {} : { time: new Date(header.time).toISOString() }
}

/**
 * Two equal lines within a second are two events where stamps tell no more than seconds, so each has a number of
 * its own; where they tell more, they are one line that was sent twice.
 */
function memberOf(header: SyslogHeader, { peer, listener }: Context, number: number): JsonObject {
  const { priority, time: _, fine, message: __, ...rest } = header
  const rank = priority === undefined ? {} : { priority, facility: priority >> 3, severity: priority & 7 }
  return { ...rank, ...rest, peer, ...(!fine && { number: `${listener}/${number}` }) }
}

/** Where no header was understood, a message in a format of its own may stand behind one that is not known. */
const WITHIN = /(?:^|\s)(?:CEF|LEEF): ?[012]/
const WITHIN_CHARACTERS_MAX = 256

function payload(header: SyslogHeader, context: Context): JsonObject {
  const { message } = header
  const text = message.slice(formatAt(header))
  if (text.startsWith('CEF')) {
    const cef = parseCef(text)
    if (cef !== undefined) return { cef: cefMember(cef, context) }
  }
  if (text.startsWith('LEEF')) {
    const leef = parseLeef(text)
    if (leef !== undefined) return { leef: leefMember(leef, context) }
  }
  const record = jsonIn(message)
  return record === undefined ? { message } : zoned(record, context)
}

function formatAt({ message, time, version }: SyslogHeader): number {
  if (message.startsWith('CEF') || message.startsWith('LEEF')) return 0
  // Behind a header that was read, it would be a user's text that poses as a device.
  if (time !== undefined || version !== undefined) return 0
  const found = WITHIN.exec(message.slice(0, WITHIN_CHARACTERS_MAX))
  return found === null ? 0 : found.index + found[0].search(/[CL]/)
}

/** A JSON object as the message, by itself or behind the cookie of CEE. */
function jsonIn(message: string): JsonObject | undefined {
  const text = message.replace(/^@cee: ?/, '')
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** NXLog writes the time by the clock on the wall unless it is told otherwise. */
function zoned(record: JsonObject, context: Context): JsonObject {
  const { EventTime: written } = record
  if (typeof written !== 'string') return record
  const stamp = stampAt(written, 0, context)
  if (stamp?.time === undefined || stamp.end < written.length) return record
  return { ...record, EventTime: new Date(stamp.time).toISOString() }
}
