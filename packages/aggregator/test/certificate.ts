import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

interface Issued {
  readonly cert: string
  readonly key: string
}

export interface Authority extends Issued {
  /** A certificate for loopback and such DNS names, signed by this authority. */
  issue(name: string, more?: { readonly names?: readonly string[]; readonly endsAt?: Date }): Issued
}

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))
const BASIC_CONSTRAINTS_CA = sequence(oid('551d13'), der(0x01, [0xff]), octets(sequence(der(0x01, [0xff]))))
const ENDS_AT = new Date('2099-01-01')

/** A certificate authority that exists for one test; X.509 as far as TLS on loopback needs it. */
export function newAuthority(name: string): Authority {
  const own = newKeys()
  const issue = (subject: string, keys: Keys, extension: Buffer, endsAt = ENDS_AT): string =>
    pem('CERTIFICATE', certificate(subject, keys.publicKey, name, own.privateKey, extension, endsAt))
  return {
    cert: issue(name, own, BASIC_CONSTRAINTS_CA),
    key: keyText(own),
    issue: (subject, { names = [], endsAt } = {}) => {
      const keys = newKeys()
      return { cert: issue(subject, keys, otherNames(names), endsAt), key: keyText(keys) }
    },
  }
}

/** Both addresses of loopback, `localhost` and what is given. */
function otherNames(names: readonly string[]): Buffer {
  const addresses = [
    [127, 0, 0, 1],
    [...new Uint8Array(15), 1],
  ].map((bytes) => der(0x87, bytes))
  const dns = ['localhost', ...names].map((text) => der(0x82, Buffer.from(text)))
  return sequence(oid('551d11'), octets(sequence(...addresses, ...dns)))
}

type Keys = ReturnType<typeof newKeys>

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function keyText({ privateKey }: Keys): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

function certificate(
  subject: string,
  subjectKey: KeyObject,
  issuer: string,
  issuerKey: KeyObject,
  extension: Buffer,
  endsAt: Date,
): Buffer {
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1, ...Buffer.from(subject).subarray(0, 12)]),
    ECDSA_SHA256,
    commonName(issuer),
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x18, Buffer.from(generalizedTime(endsAt)))),
    commonName(subject),
    subjectKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  )
  const signature = sign('sha256', body, issuerKey)
  return sequence(body, ECDSA_SHA256, der(0x03, Buffer.concat([Buffer.of(0), signature])))
}

function generalizedTime(at: Date): string {
  return at.toISOString().replace(/\.\d+/, '').replaceAll(/[-:T]/g, '')
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function octets(inner: Buffer): Buffer {
  return der(0x04, inner)
}

/** Tag, length and value; lengths beyond 127 take two more bytes, which is as far as these go. */
function der(tag: number, value: Uint8Array | readonly number[]): Buffer {
  const length = value.length < 128 ? [value.length] : [0x82, value.length >> 8, value.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), Buffer.from(value)])
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
