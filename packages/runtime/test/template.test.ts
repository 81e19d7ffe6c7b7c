import { expect, test } from 'vitest'
import { template } from '../src/index.ts'

const OBJECT = JSON.parse(`{
  "rule": { "name": "Spray & <pray>", "id": "r-1" },
  "count": 12, "late": 0, "open": true, "nothing": null, "empty": "", "none": [],
  "ip": ["203.0.113.9", "2001:db8::1"],
  "technique": [{ "id": "T1110", "sub": [{ "id": "T1110.003" }] }, { "id": "T1078" }],
  "group": { "user": "kim" },
  "fish": "ab🐟cd", "quote": "say \\"{{rule.id}}\\"\\n",
  "constructor": { "own": 1 }, "__proto__": { "own": 2 }
}`)

test.each([
  ['text without a hole', 'plain', '"plain"'],
  ['a number, as it is', 7, '7'],
  ['nothing at all', null, 'null'],
  ['text within text', 'rule {{rule.id}}!', '"rule r-1!"'],
  ['spaces within a hole', '{{  rule.id  }}', '"r-1"'],
  ['a number that is the whole text', '{{count}}', '12'],
  ['a number within text', 'n={{count}}', '"n=12"'],
  ['nought', 'late {{late}}', '"late 0"'],
  ['true', { open: '{{open}}' }, '{"open":true}'],
  ['null', { nothing: '{{nothing}}', x: 'a{{nothing}}b' }, '{"nothing":null,"x":"ab"}'],
  ['a list that is the whole text', '{{ip}}', '["203.0.113.9","2001:db8::1"]'],
  ['a list within text', 'from {{ip}}', '"from 203.0.113.9, 2001:db8::1"'],
  ['an empty list', ['{{none}}', 'x{{none}}'], '[[],"x"]'],
  ['members of a list', '{{technique.id}}', '["T1110","T1078"]'],
  ['members of lists in a list', '{{technique.sub.id}}', '["T1110.003"]'],
  ['an object', '{{group}}', '{"user":"kim"}'],
  ['an object within text', 'by {{group}}', '"by {\\"user\\":\\"kim\\"}"'],
  ['two holes side by side', '{{rule.id}}{{count}}', '"r-112"'],
  ['what is not there, in a member', { a: '{{no.such}}', b: 1 }, '{"b":1}'],
  ['what is not there, in a list', ['{{no}}', 'x', '{{no}}'], '["x"]'],
  ['what is not there, within text', 'a{{no.such}}b', '"ab"'],
  ['what is not there, alone', '{{no}}', 'null'],
  ['nothing that is left', { a: ['{{no}}'], b: { c: '{{no}}' } }, '{"a":[],"b":{}}'],
  ['a value that looks like a template', '{{quote}}', '"say \\"{{rule.id}}\\"\\n"'],
  ['a member of every object', { a: '{{toString}}', b: '{{rule.constructor.name}}' }, '{}'],
  ['the length of a text or a list', { a: '{{rule.id.length}}', b: '{{ip.length}}' }, '{}'],
  ['own members that are named like those', '{{constructor.own}}{{__proto__.own}}', '"12"'],
])('%s', (_, json, rendered) => {
  expect(template.parse(json).render(OBJECT, 1000)).toBe(rendered)
})

test.each([
  [`{{no|default('-')}}`, '"-"'],
  [`{{empty|default("it's \\ this")}}`, '"it\'s \\\\ this"'],
  [`{{none|default('}}')}}`, '"}}"'],
  [`{{late|default('-')}}`, '0'],
  [`{{ip|join(' and ')}}`, '"203.0.113.9 and 2001:db8::1"'],
  [`{{rule.id|join(' and ')}}`, '"r-1"'],
  [`{{group|json}}`, '"{\\"user\\":\\"kim\\"}"'],
  [`{{no|json}}{{no|slack}}{{no|cut(3)}}`, '""'],
  [`{{fish|cut(6)}}`, '"ab🐟cd"'],
  [`{{fish|cut(5)}}`, '"ab🐟…"'],
  [`{{fish|cut(4)}}`, '"ab…"'],
  [`{{fish|cut(1)}}`, '"…"'],
  [`{{rule.name|slack}}`, '"Spray &amp; &lt;pray&gt;"'],
  [`{{rule.name | cut(7) | slack}}`, '"Spray …"'],
  [`{{rule.id|map('r-1=one', '*=other')}}`, '"one"'],
  [`{{rule.id|map('r-2=two', '*=other=')}}`, '"other="'],
  [`{{rule.id|map('r-2=two')|default('none')}}`, '"none"'],
  [`{{count|map('12=a dozen')}}`, '"a dozen"'],
])('%s is %s', (text, rendered) => {
  expect(template.parse(text).render(OBJECT, 1000)).toBe(rendered)
})

test.each([
  ['an unknown filter', '{{rule.id|upper}}', 'no filter "upper"'],
  ['a filter that every object has', '{{rule.id|constructor}}', 'no filter "constructor"'],
  ['a hole without a path', 'x {{}}', 'braces that are no placeholder'],
  ['a hole that is not closed', 'x {{rule.id', 'braces that are no placeholder'],
  ['a hole that is closed twice', '{{rule.id}}}}', 'braces that are no placeholder'],
  ['a sum', '{{count + 1}}', 'braces that are no placeholder'],
  ['a call', '{{rule.id.toString()}}', 'braces that are no placeholder'],
  ['a text that does not end', `{{no|default('x)}}`, 'braces that are no placeholder'],
  ['an argument too many', `{{group|json(1)}}`, 'json: it takes no arguments'],
  ['an argument too few', '{{ip|join}}', 'join: it takes a text'],
  ['a cut to nothing', '{{rule.id|cut(0)}}', 'cut: it takes a number'],
  ['pairs that are none', `{{rule.id|map('high')}}`, 'map: it takes pairs'],
])('%s is refused, with its place', (_, text, message) => {
  const { error } = template.safeParse({ fields: [{ text }] })
  expect(error?.issues).toMatchObject([{ path: ['fields', 0, 'text'] }])
  expect(error?.issues[0]?.message).toContain(message)
})

test('every mistake is told, and names have no holes', () => {
  const { error } = template.safeParse({ '{{rule.id}}': 1, b: '{{', c: '{{a|no}}' })
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['{{rule.id}}', 'b', 'c'])
})

test('a body that would be larger than it may be is refused', () => {
  const body = template.parse({ a: '{{fish}}' })
  const bytes = Buffer.byteLength('{"a":"ab🐟cd"}')
  expect(body.render(OBJECT, bytes)).toBe('{"a":"ab🐟cd"}')
  expect(() => body.render(OBJECT, bytes - 1)).toThrow(`larger than ${bytes - 1} bytes`)
})
