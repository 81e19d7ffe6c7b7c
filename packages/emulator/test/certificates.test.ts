import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeCertificates } from '../src/certificates.ts'

const NOW = Date.UTC(2026, 0, 15)
const DAYS = 86_400_000

function certificate(path: string): X509Certificate {
  return new X509Certificate(readFileSync(path))
}

test('certificates are signed by one authority, name loopback, and are kept until they are about to end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-certificates-'))
  const made = await makeCertificates(folder, NOW)
  const ca = certificate(made.ca)
  const server = certificate(made.server.cert)
  expect(server.verify(ca.publicKey)).toBe(true)
  expect(certificate(made.client.cert).verify(ca.publicKey)).toBe(true)
  expect(server.checkHost('localhost')).toBe('localhost')
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
  await makeCertificates(folder, NOW + 20 * DAYS)
  expect(certificate(made.server.cert).fingerprint256).toBe(server.fingerprint256)
  await makeCertificates(folder, NOW + 29.5 * DAYS)
  expect(certificate(made.server.cert).fingerprint256).not.toBe(server.fingerprint256)
})
