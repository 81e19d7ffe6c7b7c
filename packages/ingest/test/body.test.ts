import rhea from 'rhea'
import { expect, test } from 'vitest'
import { bodyBytes } from '../src/eventhubs/body.ts'

const { message, types } = rhea

test.each([
  ['a data section', message.data_section(Buffer.from('{"a":1}')), '{"a":1}'],
  ['several data sections', message.data_sections([Buffer.from('{"a"'), Buffer.from(':1}')]), '{"a":1}'],
  ['a text value', '{"a":1}', '{"a":1}'],
  ['a binary value', types.wrap_binary(Buffer.from('{"a":1}')), '{"a":1}'],
  ['a map value', { a: 1, b: ['x'] }, '{"a":1,"b":["x"]}'],
  ['a list value', [{ a: 1 }], '[{"a":1}]'],
  ['a map that looks like a section', { typecode: 1, content: 'x' }, '{"typecode":1,"content":"x"}'],
  ['a sequence section', message.sequence_section([1, 'x']), '[1,"x"]'],
  ['nothing', null, 'null'],
])('%s is read as bytes, from the wire', (_, body, text) => {
  const decoded = message.decode(message.encode({ body }))
  expect(Buffer.from(bodyBytes(decoded.body)).toString()).toBe(text)
})
