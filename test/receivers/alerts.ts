import type { AlertV1 } from '@weir/contract'
import { makeAlert, member } from './parts.ts'

/** Texts that have broken parsers, by what is in them. */
const TEXTS: Readonly<Record<string, string>> = {
  plain: '203.0.113.9 tried 12 accounts',
  bars: 'a|b||c|',
  equals: 'x=1 y=2 then act=delete src=10.0.0.1',
  backslashes: 'C:\\new\\table\\|\\=\\',
  newlines: 'one\ntwo\r\nthree',
  tabs: 'a\tsev=1\tb',
  quotes: 'he said "no" and \'yes\' `so`',
  brackets: '[sd@1 k="v"] ] [ {} <134>1 - - ',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template of syslog-ng
  percent: '%msg% $MSG ${HOST} $(echo) #011 &amp; \\u0041',
  emoji: '🐟 swims 👩‍👩‍👧 in the süß sea',
  spaces: '   in the middle   ',
  rightToLeft: 'שלום \u202eabc\u202c مرحبا',
  numbers: '17 34 <13>',
}

/** One alert a text: it is the message, and the name of the user. Then a large one and one about ourselves. */
export const AWKWARD: readonly AlertV1[] = [
  ...Object.entries(TEXTS).map(([id, text]) =>
    makeAlert({ id, message: text, name: `Rule ${text}`, extra: { user: { name: text, id: '7d1c' } } }),
  ),
  makeAlert({
    id: 'large',
    severity: 'critical',
    message: `${'nine kilobytes, ü|=\\ '.repeat(450)}end`,
    weir: { events: Array.from({ length: 40 }, (_, i) => member(`event-${i}`, '2026-03-01T10:00:00.000Z')) },
  }),
  makeAlert({ id: 'health', kind: 'health', severity: 'low', revision: 3, weir: { status: 'closed' } }),
]

export const PRIORITY: Readonly<Record<string, number>> = { critical: 130, high: 131, medium: 132, low: 133 }

/** So many that a receiver can be killed among them. */
export const MANY: readonly AlertV1[] = Array.from({ length: 4000 }, (_, i) => makeAlert({ id: `a-${i}` }))
