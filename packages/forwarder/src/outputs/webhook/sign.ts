import { createHmac } from 'node:crypto'

/**
 * `t=SECONDS,v1=HEX`: the HMAC-SHA256 of the seconds since 1970, a full stop and the body's bytes before
 * compression. The time is in it so that a request cannot be played back later.
 */
export function signatureOf(body: Buffer, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
  const digest = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex')
  return `t=${seconds},v1=${digest}`
}
