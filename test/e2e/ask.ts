import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'

export interface Question {
  readonly method?: string
  readonly token?: string
  readonly body?: unknown
  /** Path of the authority to trust. */
  readonly ca: string
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** One HTTPS request as `curl` would make it: no client of ours, no certificate of our own. */
export async function ask(url: string, { method = 'GET', token, body, ca }: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const call = request(url, { method, headers, ca: readFileSync(ca), agent: false }, (response) => {
    buffer(response).then(
      (bytes) => resolve({ status: response.statusCode ?? 0, text: bytes.toString('utf8') }),
      reject,
    )
  })
  call.on('error', reject)
  call.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}
