import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { csvColumns, LIMITS, type Unwrapped, unwrap } from '../src/index.ts'

const A = '{"n":1,"s":"a"}'
const B = '{"n":2,"s":"b"}'
const C = '{"n":3,"s":"c"}'

describe('ways in which records come', () => {
  test.each([
    ['records envelope', `{"records":[${A},${B},${C}]}`],
    ['Records envelope', `{"Records":[${A},${B},${C}]}`],
    ['envelope over several lines', `{\n "records": [\n${A},\n${B},\n${C}\n]\n}\n`],
    ['envelope whose list is not its first member', `{"count":3,"records":[${A},${B},${C}]}`],
    [
      'envelope with what a stream processor adds',
      `{"records":[${A},${B},${C}],"PartitionId":0,"x":{"y":[1]}}`,
    ],
    ['list of envelopes', `[{"records":[${A}],"PartitionId":1},{"records":[${B},${C}],"PartitionId":1}]`],
    ['list', `[${A},${B},${C}]`],
    ['page of a Graph answer', `{"@odata.context":"x","value":[${A},${B},${C}]}`],
    ['lines', `${A}\n${B}\n${C}`],
    ['lines with carriage returns, blank ones and a final newline', `\r\n${A}\r\n\r\n${B}\r\n   \n${C}\r\n`],
    ['lines that are envelopes', `{"records":[${A},${B}]}\n{"records":[${C}]}\n`],
    ['lines that end in commas', `${A},\n${B},\n${C}`],
    ['objects in a row', `${A}${B} ${C}`],
    ['objects in a row, over several lines', `{\n"n":1,\n"s":"a"}\n{\n"n":2,"s":"b"\n}${C}`],
    ['envelopes in a row', `{"records":[${A},${B}]}{"records":[${C}],"PartitionId":2}`],
    [
      'envelopes in a row with what a stream processor adds',
      `{"records":[${A}],"PartitionId":2}{"records":[${B},${C}]}`,
    ],
    ['range of a flow-log blob from its beginning', `{"records":[${A},${B},${C}`],
    ['range of a flow-log blob from its middle', `,${A},${B},${C}`],
    ['range of a flow-log blob to its end', `,${A},${B},${C}]}`],
    ['byte order mark', `\ufeff[${A},${B},${C}]`],
    ['byte order mark before lines', `\ufeff${A}\n${B}\n${C}`],
  ])('%s', (_name, text) => {
    const unwrapped = unwrap(Buffer.from(text))
    expect(unwrapped.records.map((record) => record.n)).toEqual([1, 2, 3])
    expect(texts(unwrapped).map((each) => JSON.parse(each).n)).toEqual([1, 2, 3])
    expect([unwrapped.quarantined.length, unwrapped.repaired]).toEqual([0, 0])
    expect(unwrapped.rawBytes).toBe(Buffer.byteLength(text))
  })

  test('one object is one record', () => {
    expect(texts(unwrap(Buffer.from(` ${A}\n`)))).toEqual([A])
  })

  test.each([
    ['nothing', ''],
    ['white space', ' \r\n\t '],
    ['an empty list', '[]'],
    ['an empty envelope', '{"records":[]}'],
  ])('%s holds no record and nothing unreadable', (_name, text) => {
    const { records, quarantined } = unwrap(Buffer.from(text))
    expect([records, quarantined]).toEqual([[], []])
  })

  test('gzip, its bytes counted as inflated', () => {
    const text = Buffer.from(`{"Records":[${A},${B}]}`)
    const unwrapped = unwrap(gzipSync(text))
    expect(texts(unwrapped)).toEqual([A, B])
    expect(unwrapped.rawBytes).toBe(text.length)
  })

  test('a member named records that is no list leaves an object a record', () => {
    const text = '{"records":3,"n":1}'
    expect(texts(unwrap(Buffer.from(text)))).toEqual([text])
  })

  test('bytes of a view into a larger buffer', () => {
    const padded = Buffer.from(`xx${A}\n${B}yy`)
    expect(texts(unwrap(padded.subarray(2, -2)))).toEqual([A, B])
  })

  test('bytes are those of the provider, whatever characters and spacing they hold', () => {
    const odd = '{ "n" : 1, "s":"]},{\\"[ \u00e4\ud83d\ude00 \\u0041" }'
    expect(texts(unwrap(Buffer.from(`{"records":[ ${odd} , ${B}]}`)))).toEqual([odd, B])
  })

  test('asking for a record that is not there is an error', () => {
    expect(() => unwrap(Buffer.from(A)).bytesOf(1)).toThrow(RangeError)
  })
})

describe('damage', () => {
  test.each([
    ['a cut line', `${A}\n{"n":9,"s":"\n${C}`, [1, 3], ['{"n":9,"s":"']],
    ['a cut first line', `{"n":9,"s\n${B}\n${C}`, [2, 3], ['{"n":9,"s']],
    ['a cut last line', `${A}\n${B}\n{"n":`, [1, 2], ['{"n":']],
    ['a line that begins with a stray bracket', `${A}\n],"s":"x"} y\n${C}`, [1, 3], ['"s":"x"} y']],
    ['a line that is no JSON', `${A}\nnonsense\n${C}`, [1, 3], ['nonsense']],
    ['a line that is no object', `${A}\n17\n${C}`, [1, 3], ['17']],
    [
      'two cut lines beside a whole one',
      `{"n":8,"s":"\n{"n":9,"s":"x\n${C}`,
      [3],
      ['{"n":8,"s":"', '{"n":9,"s":"x'],
    ],
    ['an element without its brace', `{"records":[${A},{"n":9,"s":"b",${C}]}`, [1, 3], ['{"n":9,"s":"b"']],
    ['an element with an open string', `{"records":[${A},{"n":9,"s":"b},${C}]}`, [1, 3], ['{"n":9,"s":"b}']],
    ['an element with a bad literal', `{"records":[${A},{"n":nope},${C}]}`, [1, 3], ['{"n":nope}']],
    ['an element that is no object', `[${A},null,${C}]`, [1, 3], ['null']],
    ['a list cut in its last element', `{"records":[${A},${B},{"n":9,"x`, [1, 2], ['{"n":9,"x']],
  ])('%s is quarantined alone', (_name, text, read, refused) => {
    const unwrapped = unwrap(Buffer.from(text))
    expect(unwrapped.records.map((record) => record.n)).toEqual(read)
    expect(texts(unwrapped).map((each) => JSON.parse(each).n)).toEqual(read)
    expect(unwrapped.quarantined.map((each) => Buffer.from(each.bytes).toString())).toEqual(refused)
  })

  test('nested objects of a damaged record never pass for records', () => {
    const bad = '{"n":9,"s":"open, "list":[{"k":1},{"k":2}],"o":{"k":3}}'
    const unwrapped = unwrap(Buffer.from(`${A}\n${bad}\n${C}`))
    expect(unwrapped.records.map((record) => record.n)).toEqual([1, 3])
    expect(unwrapped.quarantined).toHaveLength(1)
  })

  test('an object of another notation stays in one piece', () => {
    const bad = '{\n  n: 9,\n  list: [\n    { "n": 1 }\n  ]\n}'
    const unwrapped = unwrap(Buffer.from(bad))
    expect(unwrapped.records).toHaveLength(0)
    expect(unwrapped.quarantined.map((each) => Buffer.from(each.bytes).toString())).toEqual([bad])
  })

  test('ordinals count the readable and the unreadable', () => {
    const { quarantined } = unwrap(Buffer.from(`${A}\nx\n${B}\ny\n${C}`))
    expect(quarantined.map((each) => each.index)).toEqual([1, 3])
  })

  test('a gzip cut short is kept whole, and nothing of it is read', () => {
    const cut = gzipSync(Buffer.from(`${A}\n${B}\n`.repeat(500))).subarray(0, -20)
    const unwrapped = unwrap(cut)
    expect(unwrapped.records).toHaveLength(0)
    expect(unwrapped.quarantined).toEqual([
      { index: 0, bytes: Buffer.from(cut), reason: 'gzip is cut short' },
    ])
  })

  test('a gzip with a wrong checksum is kept whole', () => {
    const bad = gzipSync(Buffer.from(A))
    bad.writeUInt32LE(0, bad.length - 8)
    const unwrapped = unwrap(bad)
    expect(unwrapped.records).toHaveLength(0)
    expect(unwrapped.quarantined[0]?.reason).toMatch(/^gzip is damaged/)
  })
})

describe('repair', () => {
  test.each([
    ['a raw newline in a string', '{"s":"one\ntwo"}', { s: 'one\ntwo' }],
    ['a raw tab and a zero in a string', '{"s":"a\tb\0"}', { s: 'a\tb\0' }],
    ['single quotes', "{'s':'it''s','n':1}", { s: "it''s", n: 1 }],
    ['single quotes around double ones', `{'s':'say "hi"'}`, { s: 'say "hi"' }],
    ['an apostrophe in single quotes', "{'s':'don't','n':[ 'a' ]}", { s: "don't", n: ['a'] }],
    ['an escaped apostrophe in single quotes', "{'s':'don\\'t'}", { s: "don't" }],
    ['apostrophes in double quotes', `{"s":"'x': 'y', ",}`, { s: "'x': 'y', " }],
    ['commas before closing brackets', '{"a":[1,2, ],"b":{"c":1 , } , }', { a: [1, 2], b: { c: 1 } }],
    ['blob data for an object', '{"properties": [227 B blob data],"n":1}', { properties: {}, n: 1 }],
    ['an escape that JSON does not know', '{"s":"C:\\dir\\x"}', { s: 'C:\\dir\\x' }],
  ])('%s', (_name, text, expected) => {
    const unwrapped = unwrap(Buffer.from(text))
    expect(unwrapped.records).toEqual([expected])
    expect(unwrapped.repaired).toBe(1)
    expect(texts(unwrapped)).toEqual([text])
  })

  test.each([
    ['JSON text', '{"properties":"{\\"a\\":1}"}', { properties: { a: 1 } }],
    ['pseudo JSON text', `{"properties":"{'a':1,'b':'x'}"}`, { properties: { a: 1, b: 'x' } }],
    ['other text', '{"properties":"{not json"}', { properties: '{not json' }],
    ['a list in text', '{"properties":"[1]"}', { properties: '[1]' }],
  ])('properties that come as %s', (_name, text, expected) => {
    expect(unwrap(Buffer.from(text)).records).toEqual([expected])
  })

  test('a raw newline does not tear a record of a line file apart', () => {
    const unwrapped = unwrap(Buffer.from(`${A}\n{"n":2,"s":"one\ntwo"}\n${C}`))
    expect(unwrapped.records.map((record) => record.n)).toEqual([1, 2, 3])
    expect([unwrapped.repaired, unwrapped.quarantined.length]).toEqual([1, 0])
  })
})

describe('bounds', () => {
  test('a gzip that inflates too far is quarantined as it came', () => {
    const bomb = gzipSync(Buffer.alloc(100_000, 32))
    const unwrapped = unwrap(bomb, undefined, { ...LIMITS, inflatedBytesMax: 50_000 })
    expect(unwrapped.quarantined).toEqual([
      { index: 0, bytes: Buffer.from(bomb), reason: 'gzip inflates to more than 50000 bytes' },
    ])
  })

  test.each([
    ['lines', (big: string) => `${A}\n${big}\n${C}`],
    ['an envelope', (big: string) => `{"records":[${A},${big},${C}]}`],
    ['a damaged envelope', (big: string) => `{"records":[${A},${big},${C},x]}`],
  ])('a record that is too large is quarantined, those beside it in %s are read', (_name, text) => {
    const big = `{"n":2,"s":"${'x'.repeat(100)}"}`
    const unwrapped = unwrap(Buffer.from(text(big)), undefined, { ...LIMITS, recordBytesMax: 80 })
    expect(unwrapped.records.map((record) => record.n)).toEqual([1, 3])
    expect(Buffer.from(unwrapped.quarantined[0]?.bytes ?? []).toString()).toBe(big)
  })

  test('a large text that says its records twice is refused whole, not lost', () => {
    const text = `{"records":[${A}],"\\u0072ecords":[${A},${B}]}`
    const unwrapped = unwrap(Buffer.from(text), undefined, { ...LIMITS, recordBytesMax: 30 })
    expect(unwrapped.records.length).toBe(0)
    expect(unwrapped.quarantined.map((each) => Buffer.from(each.bytes).toString())).toEqual([text])
  })

  test('a text that says its records twice has each of them stand for the whole', () => {
    const text = `{"records":[${A}],"\\u0072ecords":[${A},${B}]}`
    expect(texts(unwrap(Buffer.from(text)))).toEqual([text, text])
  })

  test('a hopeless message is given up in one piece when it has cost enough', () => {
    const text = '{"n":9,'.repeat(500)
    const unwrapped = unwrap(Buffer.from(text), undefined, { ...LIMITS, scanBytesMax: 20_000 })
    expect(unwrapped.records).toHaveLength(0)
    expect(unwrapped.quarantined.length).toBeLessThan(20)
    expect(unwrapped.quarantined.at(-1)?.reason).toBe('too damaged to tell its records apart')
  })
})

describe('rows of a table', () => {
  const columns = ['user', 'note']
  test.each([
    [
      'plain',
      'ada,x\r\nbob,y\r\n',
      [
        ['ada', 'x'],
        ['bob', 'y'],
      ],
    ],
    [
      'quoted, with comma, quote and line end',
      '"a,d""a","x\ny"\nbob,\n',
      [
        ['a,d"a', 'x\ny'],
        ['bob', ''],
      ],
    ],
    ['without a last line end', 'ada,x', [['ada', 'x']]],
    [
      'blank lines between',
      'ada,x\n\n\nbob,y',
      [
        ['ada', 'x'],
        ['bob', 'y'],
      ],
    ],
  ])('%s', (_, text, rows) => {
    const { records, quarantined } = unwrap(Buffer.from(text), { kind: 'csv', columns })
    expect(records).toEqual(rows.map(([user, note]) => ({ user, note })))
    expect(quarantined).toEqual([])
  })

  test('a row keeps its bytes; one of another width is set aside', () => {
    const unwrapped = unwrap(Buffer.from('ada,"x"\nbob\ncy,z\n'), { kind: 'csv', columns })
    expect(texts(unwrapped)).toEqual(['ada,"x"', 'cy,z'])
    expect(unwrapped.quarantined.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'row has 1 cells, its header 2'],
    ])
  })

  test('what the way in knows of all rows stands in each record, and not in its bytes', () => {
    const format = { kind: 'csv', columns, more: { made: 'today' } } as const
    const unwrapped = unwrap(Buffer.from('ada,x\n'), format)
    expect(unwrapped.records).toEqual([{ user: 'ada', note: 'x', made: 'today' }])
    expect(texts(unwrapped)).toEqual(['ada,x'])
  })

  test('the header names the columns', () => {
    expect(csvColumns(Buffer.from('user,"a note"\r\n'))).toEqual(['user', 'a note'])
  })
})

function texts(unwrapped: Unwrapped): readonly string[] {
  return unwrapped.records.map((_record, i) => Buffer.from(unwrapped.bytesOf(i)).toString())
}
