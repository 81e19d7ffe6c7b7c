import { generate } from 'selfsigned'

const HOUR_MS = 3_600_000

/** Certificate and key of an application in one PEM text; the key is RSA, as Entra ID's library signs with no other. */
export async function applicationCertificate(now: number): Promise<string> {
  const times = { notBeforeDate: new Date(now - HOUR_MS), notAfterDate: new Date(now + HOUR_MS) }
  const name = [{ name: 'commonName', value: 'weir-application' }]
  const { cert, private: key } = await generate(name, {
    ...times,
    algorithm: 'sha256',
    keyType: 'rsa',
    keySize: 2048,
  })
  return `${cert}\n${key}\n`
}
