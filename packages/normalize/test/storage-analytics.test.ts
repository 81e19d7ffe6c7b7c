import { describe, expect, test } from 'vitest'
import { classify } from '../src/classify.ts'
import { type Unwrapped, unwrap } from '../src/unwrap.ts'

/** Fields of version 1.0 in their documented order. */
const V1 =
  '1.0;2026-03-04T10:20:30.1234567Z;GetBlob;SASSuccess;200;18;11;sas;;contosologs;blob;' +
  '"https://contosologs.blob.example/c/a%20b.txt?sv=1&amp;sig=XXX&amp;se=2";"/contosologs/c/a b.txt";' +
  '0f7a1c2e-0001-0000-0000-000000000000;0;198.51.100.7:50123;2020-10-02;413;0;307;1024;0;;' +
  '"md5==";"&quot;0x8D1&quot;";Wednesday, 04-Mar-26 10:00:00 GMT;;"Mozilla/5.0 (X11; Linux)";;"c-1"'

const V2 =
  '2.0;2026-03-04T10:20:31Z;DeleteBlob;AuthorizationPermissionMismatch;403;5;5;bearer;;contosologs;blob;' +
  '"https://contosologs.blob.example/c/x";"/contosologs/c/x";0f7a1c2e-0002-0000-0000-000000000000;0;' +
  '203.0.113.9;2020-10-02;413;0;307;0;0;;;;;;"agent";;;' +
  'oid-1;tid-1;app-1;https://storage.example/;https://sts.example/;ada@contoso.example;;' +
  '"[{&quot;action&quot;:&quot;delete&quot;}]"'

function read(text: string): Unwrapped {
  return unwrap(Buffer.from(text), { kind: 'storage-analytics' })
}

function fieldsOf(text: string): Record<string, unknown> {
  const [record] = read(text).records
  const { fields, time } = classify(record!)
  const values = [...fields].map(([name, field]) => [name, field.read(record!)])
  return { ...Object.fromEntries(values), time: new Date(time(record!)!).toISOString() }
}

describe('rows of Storage Analytics', () => {
  test('version 1.0 reads like the resource log of a storage account', () => {
    expect(fieldsOf(V1)).toMatchObject({
      time: '2026-03-04T10:20:30.123Z',
      'event.dataset': 'azure.storage',
      'event.action': 'getblob',
      'event.outcome': 'success',
      'event.duration': 18e6,
      'source.ip': '198.51.100.7',
      'source.port': 50_123,
      'url.original': 'https://contosologs.blob.example/c/a%20b.txt?sv=1&sig=redacted&se=2',
      'file.path': '/contosologs/c/a b.txt',
      'destination.bytes': 1024,
      'user_agent.original': 'Mozilla/5.0 (X11; Linux)',
      'azure.category': 'StorageRead',
      'azure.storage.account': 'contosologs',
      'azure.storage.authentication': 'sas',
      'azure.storage.status_text': 'sassuccess',
      'azure.correlation_id': '0f7a1c2e-0001-0000-0000-000000000000',
    })
    expect(read(V1).records[0]).toMatchObject({ properties: { etag: '"0x8D1"', clientRequestId: 'c-1' } })
  })

  test('version 2.0 also says who', () => {
    expect(fieldsOf(V2)).toMatchObject({
      'event.outcome': 'failure',
      'azure.category': 'StorageDelete',
      'azure.storage.authentication': 'oauth',
      'user.id': 'oid-1',
      'user.name': 'ada@contoso.example',
      'azure.app.id': 'app-1',
      'azure.storage.requester_tenant_id': 'tid-1',
      'source.ip': '203.0.113.9',
    })
    expect(read(V2).records[0]).toMatchObject({ identity: { authorization: [{ action: 'delete' }] } })
  })

  test('each row keeps its own bytes, line ends within quotes included', () => {
    const torn = V1.replace('Mozilla/5.0 (X11; Linux)', 'one\ntwo; three')
    const unwrapped = read(`${V2}\r\n${torn}\n${V1}\n`)
    const bytes = unwrapped.records.map((_, i) => Buffer.from(unwrapped.bytesOf(i)).toString())
    expect(bytes).toEqual([V2, torn, V1])
    expect(unwrapped.records[1]).toMatchObject({ properties: { userAgentHeader: 'one\ntwo; three' } })
  })

  test.each([
    ['a field too few', V1.slice(0, V1.lastIndexOf(';')), 'row has 29 fields, version 1.0 has 30'],
    ['a field too many', `${V2};x`, 'row has 39 fields, version 2.0 has 38'],
    ['a version that nobody knows', V1.replace('1.0', '7.0'), 'not a row of Storage Analytics: '],
    ['a quote that is not closed', V1.slice(0, -1), 'a quoted field is not closed'],
    ['text behind a closing quote', V1.replace('"md5=="', '"md5=="x'), 'a quoted field is not closed'],
  ])('%s is set aside, and the rows around it are read', (_, bad, reason) => {
    const { records, quarantined } = read(`${V2}\n${bad}\n${V2}\n`)
    expect(records.length).toBe(2)
    expect(quarantined.map((each) => [each.index, Buffer.from(each.bytes).toString()])).toEqual([[1, bad]])
    expect(quarantined[0]!.reason).toContain(reason)
  })

  test('entities that are none are left as they are', () => {
    const odd = V1.replace('Mozilla/5.0 (X11; Linux)', '&bogus; &#x41;&#66; &#99999999; &AMP;')
    expect(read(odd).records[0]).toMatchObject({
      properties: { userAgentHeader: '&bogus; AB &#99999999; &' },
    })
  })
})

test('what a source could not take apart goes to quarantine as it came, with its reason', () => {
  const bytes = Buffer.from(' \x1f\x8bObj {"n":1}\n ')
  const { records, quarantined } = unwrap(bytes, { kind: 'unreadable', reason: 'damaged' })
  expect(records).toEqual([])
  expect(quarantined).toEqual([{ index: 0, bytes, reason: 'damaged' }])
})
