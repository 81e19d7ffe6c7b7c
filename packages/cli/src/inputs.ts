import { fileMessages, filesOf, STDIN } from '@weir/ingest'
import type { ReplayInput } from '@weir/pipeline'
import { systemClock } from '@weir/runtime'

/** Files and folders of a command line as inputs of a replay, in the order of their paths; `-` is standard input. */
export async function replayInputs(paths: readonly string[], target: NodeJS.Process): Promise<ReplayInput[]> {
  const files = await filesOf(paths)
  const deps = { clock: systemClock, stdin: target.stdin }
  return files.map((file) => ({
    name: file === STDIN ? 'standard input' : file,
    messages: fileMessages(file, deps),
  }))
}
