/** True where a stream of HTTP/2 was cut off, which calls its answer finished all the same. HTTP/1.1 has no streams. */
export function isReset(reply: {
  readonly writableFinished: boolean
  readonly stream?: { readonly aborted: boolean } | undefined
}): boolean {
  return reply.stream?.aborted === true
}
