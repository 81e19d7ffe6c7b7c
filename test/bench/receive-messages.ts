import { hex, pick, type Random, seeded, uuid } from './random.ts'
import { generateRecords } from './records.ts'

interface BenchMessage {
  readonly body: Buffer
  readonly records: number
}

/** Messages of about so many bytes, `{"records":[…]}`, no two records alike; a small one holds one record. */
export function messagesOf(bytes: number, count: number, seed: number): Iterable<BenchMessage> {
  return bytes < 2_000 ? small(bytes, count, seed) : large(bytes, count, seed)
}

function* large(bytes: number, count: number, seed: number): Generator<BenchMessage> {
  const records = generateRecords(seed, Number.MAX_SAFE_INTEGER)[Symbol.iterator]()
  for (let message = 0; message < count; message++) {
    const some: string[] = []
    for (let length = 0; length < bytes; length += some.at(-1)!.length + 1)
      some.push((records.next().value as Buffer).toString().trimEnd())
    yield { body: Buffer.from(`{"records":[${some.join(',')}]}`), records: some.length }
  }
}

function* small(bytes: number, count: number, seed: number): Generator<BenchMessage> {
  const random = seeded(seed)
  for (let message = 0; message < count; message++) {
    const text = JSON.stringify({ records: [secretRead(random, Date.UTC(2026, 0, 5) + message)] })
    yield { body: Buffer.from(text.padEnd(bytes, ' ')), records: 1 }
  }
}

/** A key vault's record, about 900 bytes. */
function secretRead(random: Random, time: number): object {
  const vault = `vault-${Math.floor(random() * 200)}`
  const group = `/SUBSCRIPTIONS/7F3C1D52-0C34-4C7B-9D0E-5B8F1F6A2E10/RESOURCEGROUPS/APPS`
  const secret = `https://${vault}.vault.azure.net/secrets/${hex(random, 12)}`
  return {
    time: new Date(time).toISOString(),
    category: 'AuditEvent',
    operationName: pick(random, ['SecretGet', 'SecretList', 'KeySign', 'KeyUnwrap']),
    resultType: 'Success',
    resultSignature: 'OK',
    correlationId: uuid(random),
    callerIpAddress: `198.51.100.${Math.floor(random() * 256)}`,
    identity: {
      claim: {
        'http://schemas.microsoft.com/identity/claims/objectidentifier': uuid(random),
        appid: uuid(random),
      },
    },
    properties: {
      clientInfo: 'azsdk-js-keyvault-secrets/4.8.0 core-rest-pipeline/1.16.0 Node/24.0.0',
      httpStatusCode: 200,
      requestUri: `${secret}?api-version=7.5`,
      id: secret,
    },
    resourceId: `${group}/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/${vault.toUpperCase()}`,
  }
}
