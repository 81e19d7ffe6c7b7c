import { expect, it } from 'vitest'
import { withoutMember } from '../src/index.ts'

it.each([
  ['in the middle', '{\n  "a": 1,\n  "mode": "shadow",\n  "b": 2\n}\n', '{\n  "a": 1,\n  "b": 2\n}\n'],
  ['at the beginning', '{\n  "mode": "shadow",\n  "b": 2\n}', '{\n  "b": 2\n}'],
  ['at the end', '{\n  "a": 1,\n  "mode": "shadow"\n}\n', '{\n  "a": 1\n}\n'],
  [
    'between empty lines',
    '{\n  "a": 1,\n\n  "mode": "shadow",\n\n  "b": 2\n}',
    '{\n  "a": 1,\n\n\n  "b": 2\n}',
  ],
  [
    'with tabs and CRLF',
    '{\r\n\t"a": 1,\r\n\t"mode":"shadow",\r\n\t"b": 2\r\n}',
    '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}',
  ],
  ['on one line', '{"a": 1, "mode": "shadow", "b": 2}', '{"a": 1, "b": 2}'],
  ['at the end of one line', '{ "a": 1, "mode": "shadow" }', '{ "a": 1 }'],
  ['beside another', '{\n  "a": 1, "mode": "shadow",\n  "b": 2\n}', '{\n  "a": 1, "b": 2\n}'],
  [
    'with the comma before it',
    '{\n  "a": 1\n  , "mode": "shadow"\n  , "b": 2\n}',
    '{\n  "a": 1\n  , "b": 2\n}',
  ],
  ['over two lines', '{\n  "a": 1,\n  "mode":\n    "shadow",\n  "b": 2\n}', '{\n  "a": 1,\n  "b": 2\n}'],
  ['alone', '{ "mode": "shadow" }', '{  }'],
  ['not at all', '{ "a": { "mode": "shadow" }, "b": "\\"mode\\": 1," }', undefined],
  ['with commas in texts', '{ "a": "x, y", "mode": "shadow", "b": "p,q" }', '{ "a": "x, y", "b": "p,q" }'],
])('a member %s', (_name, text, expected = text) => {
  expect(withoutMember(text, 'mode')).toBe(expected)
  const { mode: _mode, ...rest } = JSON.parse(text)
  expect(JSON.parse(expected)).toEqual(rest)
})
