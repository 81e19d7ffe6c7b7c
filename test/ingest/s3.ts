import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

/** What befalls the next requests for a path that holds `path`. */
export interface S3Strike {
  readonly path: string
  readonly times: number
  readonly kind: 'throttled' | 'expired-token' | 'denied' | 'cut'
}

/** S3 on this machine, and every request line that it was asked. */
export interface TestS3 {
  readonly endpoint: string
  bucket(): Promise<string>
  put(bucket: string, key: string, body: string | Uint8Array): Promise<void>
  /** `GET /bucket?list-type=2&prefix=…` or `GET /bucket/key`, decoded, since the last call. */
  takeRequests(): string[]
  strike(strike: S3Strike): void
  stop(): Promise<void>
}

/** The one key that s3rver takes. */
export const S3_ENV = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const

interface S3rver {
  run(): Promise<AddressInfo>
  close(): Promise<void>
}

const load = createRequire(import.meta.url)

type Cipher = (algorithm: string, key: Buffer, iv: Buffer) => unknown

/**
 * s3rver makes the tokens of its pages with DES, which OpenSSL no longer has; with one key three times, triple DES is
 * the same.
 */
function knowDes(): void {
  const crypto = load('crypto') as Record<'createCipheriv' | 'createDecipheriv', Cipher>
  for (const name of ['createCipheriv', 'createDecipheriv'] as const) {
    const make = crypto[name]
    crypto[name] = (algorithm, key, iv) =>
      algorithm === 'des'
        ? make('des-ede3-cbc', Buffer.concat([key, key, key]), iv)
        : make(algorithm, key, iv)
  }
}

interface ListOptions {
  readonly delimiter?: string
  readonly prefix?: string
}

interface Listed {
  readonly objects: readonly { readonly key: string }[]
  readonly commonPrefixes: readonly string[]
  readonly isTruncated: boolean
}

type List = (this: unknown, bucket: string, options: ListOptions) => Promise<Listed>

/** s3rver does not see a folder in which there are folders alone. */
function seeFolders(): void {
  const { prototype } = load('s3rver/lib/stores/filesystem') as { readonly prototype: { listObjects: List } }
  const list = prototype.listObjects
  prototype.listObjects = async function (bucket, options) {
    const { delimiter, prefix = '' } = options
    if (delimiter === undefined) return list.call(this, bucket, options)
    const { delimiter: _, ...flat } = options
    const all = await list.call(this, bucket, { ...flat, maxKeys: Number.POSITIVE_INFINITY } as ListOptions)
    const below = ({ key }: { readonly key: string }): number => key.indexOf(delimiter, prefix.length)
    const folders = all.objects
      .filter((each) => below(each) !== -1)
      .map((each) => each.key.slice(0, below(each) + 1))
    const objects = all.objects.filter((each) => below(each) === -1)
    return { objects, commonPrefixes: [...new Set(folders)].sort(), isTruncated: false }
  }
}

function s3rver(directory: string): S3rver {
  knowDes()
  seeFolders()
  const Server = load('s3rver') as new (options: object) => S3rver
  return new Server({ port: 0, address: '127.0.0.1', silent: true, directory })
}

export async function startS3(): Promise<TestS3> {
  Object.assign(process.env, S3_ENV)
  const folder = mkdtempSync(join(tmpdir(), 'weir-s3-'))
  const server = s3rver(folder)
  const { port } = await server.run()
  const requests: string[] = []
  const strikes: { path: string; times: number; kind: S3Strike['kind'] }[] = []
  const front = createServer((asked, answer) => {
    const line = `${asked.method} ${decodeURIComponent(asked.url ?? '')}`
    requests.push(line)
    const strike = strikes.find((each) => each.times > 0 && line.includes(each.path))
    if (strike !== undefined) strike.times--
    if (strike === undefined || strike.kind === 'cut') pass(port, asked, answer, strike !== undefined)
    else refuse(answer, ...REFUSALS[strike.kind])
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
  const client = new S3Client({
    region: 'eu-west-1',
    endpoint,
    forcePathStyle: true,
    // s3rver does not know checksums behind a body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  let buckets = 0
  return {
    endpoint,
    async bucket() {
      const Bucket = `bucket-${buckets++}`
      await client.send(new CreateBucketCommand({ Bucket }))
      return Bucket
    },
    async put(Bucket, Key, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body }))
    },
    takeRequests: () => requests.splice(0),
    strike: ({ path, times, kind }) => void strikes.push({ path, times, kind }),
    async stop() {
      client.destroy()
      front.close()
      front.closeAllConnections()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const REFUSALS: Readonly<Record<Exclude<S3Strike['kind'], 'cut'>, readonly [number, string]>> = {
  throttled: [503, 'SlowDown'],
  'expired-token': [400, 'ExpiredToken'],
  denied: [403, 'AccessDenied'],
}

function refuse(answer: ServerResponse, status: number, code: string): void {
  answer.writeHead(status, { 'content-type': 'application/xml' })
  answer.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}

function pass(port: number, asked: IncomingMessage, answer: ServerResponse, cut: boolean): void {
  const { method, url, headers } = asked
  const inner = request({ port, host: '127.0.0.1', method, path: url, headers, agent: false }, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers)
    if (!cut) return void reply.pipe(answer)
    reply.once('data', (bytes: Buffer) =>
      answer.write(bytes.subarray(0, bytes.length / 2), () => answer.destroy()),
    )
  })
  inner.on('error', () => answer.destroy())
  asked.pipe(inner)
}
