/** Looks of a second that are drawn; more would only flicker. */
const DRAW_MS = 200

/** How far fetching is, on one line of a terminal. */
export interface EvidenceProgress {
  show(members: number, of: number, bytes: number): void
  clear(): void
}

/** `undefined` where nobody looks on. */
export function evidenceProgress(
  stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  now: () => number = () => performance.now(),
): EvidenceProgress | undefined {
  if (!stderr.isTTY) return undefined
  let drawn = Number.NEGATIVE_INFINITY
  return {
    show(members, of, bytes) {
      if (now() - drawn < DRAW_MS) return
      drawn = now()
      stderr.write(`\r\u001b[K${members} of ${of} members, ${megabytes(bytes)}`)
    },
    clear: () => void stderr.write('\r\u001b[K'),
  }
}

export function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`
}
