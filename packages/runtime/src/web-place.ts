import { z } from 'zod'
import { Secret, secret } from './config.ts'

const anyUrl = z.url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' })

const LOGIN_ELSEWHERE = {
  error:
    'a name and a password in this URL are not heeded: leave them out, and give credentials by their own keys',
}

/** Of a receiver; what it knows us by stands elsewhere. */
export const url = anyUrl.refine((given) => !hasLogin(given), LOGIN_ELSEWHERE)

/** A URL that is a secret where it stands in an environment variable or a file: some carry a key. */
export const urlOrSecret = z
  .union([anyUrl, secret])
  .transform((given) => (given instanceof Secret ? given : new Secret(given)))
  .refine((given) => anyUrl.safeParse(given.reveal()).success, {
    error: 'leads to no URL that begins with http:// or https://',
  })

/** The same of a receiver. */
export const receiverUrlOrSecret = urlOrSecret.refine((given) => !hasLogin(given.reveal()), LOGIN_ELSEWHERE)

function hasLogin(given: string): boolean {
  return /^https?:\/\/[^/?#]*@/i.test(given)
}

/** RFC 9110's token. */
export const headerName = z.string().regex(/^[!#$%&'*+.^`|~\w-]{1,100}$/, 'no name of a header')

/** Set by what carries the request; another value would break it. */
export const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Headers of a request, by name: texts, or secrets by reference. */
export const headers = z
  .record(headerName, z.union([z.string().regex(/^[ -~]*$/, 'printable ASCII characters'), secret]))
  .refine((given) => Object.keys(given).every((name) => !OWN_HEADERS.has(name.toLowerCase())), {
    error: `these headers are not yours to set: ${[...OWN_HEADERS].join(', ')}`,
  })
