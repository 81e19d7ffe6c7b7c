import { describe, expect, test } from 'vitest'
import type { SyslogFraming } from '../src/syslog/config.ts'
import { Framer, type Part } from '../src/syslog/framer.ts'
import { dropsIn } from '../src/syslog/kernel-drops.ts'

const BYTES_MAX = 20

/** What came out: messages as text, what is unreadable behind a question mark. */
function said(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'unreadable') return [`?${part.bytes}`]
    const messages: string[] = []
    for (let i = 0; i < part.extents.length; i += 2)
      messages.push(part.bytes.toString('utf8', part.extents[i], part.extents[i + 1]))
    return messages
  })
}

function cut(framing: SyslogFraming, chunks: readonly string[], inOrder = true): string[] {
  const framer = new Framer(framing, BYTES_MAX)
  const parts = chunks.flatMap((chunk) => (framer.broken ? [] : framer.take(Buffer.from(chunk))))
  return said([...parts, ...framer.end(inOrder)])
}

const TABLE: readonly (readonly [string, SyslogFraming, string, readonly string[]])[] = [
  ['lines', 'lines', 'a\nb\r\n\nc\0\n', ['a', 'b', 'c']],
  ['a last line without its end', 'lines', 'a\nb', ['a', 'b']],
  ['counted', 'octets', '1 a3 b\nc2 d\n', ['a', 'b\nc', 'd']],
  ['counted, with line feeds that are not', 'octets', '1 a\n3 b\nc\n', ['a', 'b\nc']],
  ['counted in octets, not letters', 'octets', '3 \u00e4b1 c', ['\u00e4b', 'c']],
  ['told by the first: counted', 'auto', '4 <1>a4 <1>b', ['<1>a', '<1>b']],
  ['told by the first: lines', 'auto', '<1>a\n4 <1>b\n', ['<1>a', '4 <1>b']],
  ['told by the first: a number that is no length', 'auto', '2026 x\n', ['2026 x']],
  ['told by the first: JSON', 'auto', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['told by the first: too little to tell', 'auto', '12', ['12']],
  [
    'a line that is too long',
    'lines',
    `a\n${'x'.repeat(20)}\n${'y'.repeat(30)}\nb\n`,
    ['a', 'x'.repeat(20), `?${'y'.repeat(20)}`, `?${'y'.repeat(10)}`, 'b'],
  ],
  [
    'a length that is too long',
    'octets',
    `1 a30 ${'y'.repeat(30)}1 b`,
    ['a', `?${'y'.repeat(20)}`, `?${'y'.repeat(10)}`, 'b'],
  ],
  ['no length where one is due', 'octets', '1 ax1 b', ['a', '?x1 b']],
  ['a length beyond all', 'octets', '1 a123456789 b', ['a', '?123456789 b']],
  ['cut within a counted message', 'octets', '1 a9 bcd', ['a', '?9 bcd']],
]

describe.each(TABLE)('%s', (_, framing, text, expected) => {
  test('in one piece', () => {
    expect(cut(framing, [text])).toEqual(expected)
  })

  test('in two pieces, wherever they are cut, and byte by byte', () => {
    const bytes = Buffer.from(text, 'utf8').toString('latin1')
    const raw = (chunks: readonly string[]): string =>
      joined(
        cutRaw(
          framing,
          chunks.map((chunk) => Buffer.from(chunk, 'latin1')),
        ),
      )
    for (let at = 0; at <= bytes.length; at++)
      expect(raw([bytes.slice(0, at), bytes.slice(at)])).toBe(joined(expected))
    expect(raw([...bytes])).toBe(joined(expected))
  })
})

/** Pieces of what is unreadable may be cut otherwise; together they are the same. */
function joined(words: readonly string[]): string {
  return words.join('|').replaceAll('|?', '?').replaceAll('?', '').replaceAll('y', '')
}

function cutRaw(framing: SyslogFraming, chunks: readonly Buffer[]): string[] {
  const framer = new Framer(framing, BYTES_MAX)
  const parts: Part[] = []
  for (const chunk of chunks)
    parts.push(
      ...(framer.broken ? [{ kind: 'unreadable', bytes: chunk, reason: '' } as const] : framer.take(chunk)),
    )
  return said([...parts, ...framer.end(true)])
}

test('a connection that broke has no whole last line', () => {
  expect(cut('lines', ['a\nb'], false)).toEqual(['a', '?b'])
})

test('a line without end is let go piece by piece, and never held', () => {
  const framer = new Framer('lines', BYTES_MAX)
  let bytes = 0
  for (let i = 0; i < 100; i++)
    for (const part of framer.take(Buffer.from('z'.repeat(7)))) bytes += part.bytes.length
  expect(bytes).toBeGreaterThan(700 - BYTES_MAX - 7)
})

test('drops of the kernel are those of the port, over every socket bound to it', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    ' 1000: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 3',
    ' 1001: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 4',
    ' 1002: 0100007F:1202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 9',
  ].join('\n')
  expect([dropsIn(table, 514), dropsIn(table, 0x1202), dropsIn(table, 9)]).toEqual([7, 9, 0])
})
