import type { AlertV1 } from '@weir/contract'
import { boundedJson } from './bounded-json.ts'
import { cefLine } from './cef.ts'
import { leefLine } from './leef.ts'
import { type SyslogHeader, syslogHeader } from './syslog.ts'

export interface SyslogShape extends SyslogHeader {
  readonly format: 'cef' | 'leef1' | 'leef2' | 'json'
  /** Between the attributes of LEEF 2.0: one character. */
  readonly delimiter: string
  /** A byte order mark before the text, as RFC 5424 would have it. */
  readonly bom: boolean
  /** Bytes of a whole message, header included. */
  readonly sizeMax: number
}

/**
 * An alert as a syslog message without its frame, at most `sizeMax` bytes of UTF-8. Throws a RangeError when even
 * the least that identifies it does not fit.
 */
export function syslogMessage(alert: AlertV1, shape: SyslogShape): string {
  const before = syslogHeader(alert, shape) + tag(shape) + (shape.bom ? '\ufeff' : '')
  return before + payload(alert, shape, shape.sizeMax - Buffer.byteLength(before))
}

/** CEF and LEEF begin with a word and a colon, which is what RFC 3164 wants there; JSON does not. */
function tag({ header, format, appName }: SyslogShape): string {
  return header === 'rfc3164' && format === 'json' ? `${appName}: ` : ''
}

function payload(alert: AlertV1, { format, delimiter }: SyslogShape, bytesMax: number): string {
  switch (format) {
    case 'cef':
      return cefLine(alert, bytesMax)
    case 'leef1':
      return leefLine(alert, { version: 1 }, bytesMax)
    case 'leef2':
      return leefLine(alert, { version: 2, delimiter }, bytesMax)
    case 'json':
      return boundedJson(alert, bytesMax)
    default:
      return format satisfies never
  }
}
