import type { Socket } from 'node:net'

/**
 * What a socket brings, in pieces of so many bytes at most; nothing is read while the taker is busy, so the sender waits. Ends with
 * the connection, or once the signal aborts and what had been read is taken. True at the end: it ended in order.
 */
export async function* chunksOf(
  socket: Socket,
  bytesMax: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, boolean> {
  while (true) {
    // Whoever sends without a pause would be read for ever.
    const last = signal.aborted
    const chunk: Buffer | null = socket.read()
    if (chunk !== null) yield* pieces(chunk, bytesMax)
    else if (socket.readableEnded) return true
    else if (last || socket.destroyed) return false
    else await change(socket, signal)
    if (last) return socket.readableEnded
  }
}

function* pieces(chunk: Buffer, bytesMax: number): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += bytesMax) yield chunk.subarray(at, at + bytesMax)
}

const CHANGES = ['readable', 'end', 'close', 'error'] as const

/** Resolves when there may be something to read, or the connection or our time is over. */
function change(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const name of CHANGES) socket.off(name, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    for (const name of CHANGES) socket.on(name, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
