/** Whoever reads our output may have had enough (`| head`): then we are done, and that is no error. */
export function endQuietlyWithReader(target: NodeJS.Process): void {
  for (const stream of [target.stdout, target.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      target.exit()
    })
}
