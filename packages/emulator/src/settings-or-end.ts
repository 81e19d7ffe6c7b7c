import { messageOf } from '@weir/runtime'

/** Reads what a process was started with; arguments that it does not take end it with one line and exit code 2. */
export function settingsOrEnd<T>(read: (args: readonly string[]) => T, of: NodeJS.Process): T {
  try {
    return read(of.argv.slice(2))
  } catch (error) {
    of.stderr.write(`${messageOf(error).replaceAll('\n', ' ')}\n`)
    return of.exit(2)
  }
}
