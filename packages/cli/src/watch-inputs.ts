import { tellBrokenOff } from './broken-off.ts'
import type { Inputs, InputWatch } from './inputs.ts'
import type { Output } from './output.ts'
import { measured, Progress } from './replay/progress.ts'

/**
 * Tells progress where someone looks on, and of every file that breaks off: then the exit code says so too.
 * `label` stands before the figures, for work that reads its inputs more than once.
 */
export async function watchInputs(
  inputs: Inputs,
  stderr: NodeJS.WriteStream,
  output: Output,
  label = '',
): Promise<InputWatch & { clear(): void }> {
  const progress = stderr.isTTY
    ? new Progress(
        await measured(inputs.files),
        () => performance.now(),
        (text) => stderr.write(text),
        label,
      )
    : undefined
  return {
    read: (file, bytes) => progress?.read(file, bytes),
    ended: (file, failure) => {
      progress?.ended(file)
      if (failure !== undefined) {
        progress?.clear()
        tellBrokenOff(failure, output)
      }
    },
    clear: () => progress?.clear(),
  }
}
