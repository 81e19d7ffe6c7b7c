import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** PEM texts. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly authority: Identity
  /** For `localhost`, 127.0.0.1 and ::1. */
  readonly server: Identity
  readonly client: Identity
  /** Another client of the same authority. */
  readonly second: Identity
  /** Signed by nobody the others know. */
  readonly stranger: Identity
}

/** An authority and what it signed, valid for a day either side of now. */
export function makeCertificates(): Certificates {
  const authority = issue('Test authority', undefined, true)
  return {
    authority,
    server: issue('localhost', authority, false),
    client: issue('forwarder', authority, false),
    second: issue('second', authority, false),
    stranger: issue('stranger', issue('Other authority', undefined, true), false),
  }
}

/** Writes PEM texts into files and returns their paths. */
export function pemFiles(texts: Readonly<Record<string, string>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-pem-'))
  const paths = Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(folder, `${name}.pem`), text)
    return [name, join(folder, `${name}.pem`)]
  })
  return Object.fromEntries(paths) as Record<string, string>
}

const DAY_MS = 86_400_000
const ECDSA_SHA256 = '1.2.840.10045.4.3.2'

function issue(name: string, issuer: Identity | undefined, isAuthority: boolean): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const by = issuer === undefined ? { name, key: privateKey } : issuerOf(issuer)
  const body = sequence(
    tagged(0, integer(2)),
    integer(1 + Math.floor(Math.random() * 2 ** 40)),
    sequence(oid(ECDSA_SHA256)),
    distinguished(by.name),
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(basicConstraints(isAuthority), ...(isAuthority ? [] : [alternativeNames()]))),
  )
  const signature = sign('sha256', body, by.key)
  const whole = sequence(body, sequence(oid(ECDSA_SHA256)), der(3, Buffer.concat([Buffer.of(0), signature])))
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  names.set(key, name)
  return { cert: pem('CERTIFICATE', whole), key }
}

/** Names by key, so that an issuer need not be read back from its certificate. */
const names = new Map<string, string>()

function issuerOf({ key }: Identity): { name: string; key: KeyObject } {
  return { name: names.get(key) ?? '', key: createPrivateKey(key) }
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = sequence(...(isAuthority ? [der(1, Buffer.of(255))] : []))
  return sequence(oid('2.5.29.19'), der(1, Buffer.of(255)), der(4, value))
}

function alternativeNames(): Buffer {
  const value = sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.of(127, 0, 0, 1)),
    der(0x87, Buffer.from([...new Uint8Array(15), 1])),
  )
  return sequence(oid('2.5.29.17'), der(4, value))
}

function distinguished(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(12, Buffer.from(name)))))
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(23, Buffer.from(text.slice(2)))
}

function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  // A first bit of one would make it negative.
  return der(2, bytes[0]! > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(6, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 127]
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 127) | 128)
  return digits
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 + number, content)
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
