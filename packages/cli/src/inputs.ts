import { fileMessages, filesOf, STDIN } from '@weir/ingest'
import type { RawMessage } from '@weir/model'
import type { ReplayInput } from '@weir/pipeline'
import { systemClock, WeirError } from '@weir/runtime'

/** Who is told how the reading of files goes; `file` is a path or `-`. */
export interface InputWatch {
  /** Decompressed bytes that were handed on and taken. */
  read(file: string, bytes: number): void
  /** Nothing more comes; `failure` says why where the file does not end there. */
  ended(file: string, failure?: WeirError): void
}

export interface Inputs {
  readonly files: readonly string[]
  /** The files as inputs of a replay, in the order of their paths. */
  watched(watch: InputWatch): ReplayInput[]
}

/**
 * Files and folders of a command line; `-` is standard input. One that is not there is refused before anything
 * is read (`WeirError` INPUT_UNREADABLE); one that breaks off ends there, and the others go on.
 */
export async function inputsOf(paths: readonly string[], target: NodeJS.Process): Promise<Inputs> {
  const files = [...new Set(await filesOf(paths))]
  const deps = { clock: systemClock, stdin: target.stdin }
  return {
    files,
    watched: (watch) =>
      files.map((file) => ({
        name: file === STDIN ? 'standard input' : file,
        messages: messagesOf(file, fileMessages(file, deps), watch),
      })),
  }
}

async function* messagesOf(
  file: string,
  messages: AsyncIterable<RawMessage>,
  watch: InputWatch,
): AsyncGenerator<RawMessage> {
  try {
    for await (const message of messages) {
      yield message
      watch.read(file, message.bytes.length)
    }
    watch.ended(file)
  } catch (error) {
    if (!(error instanceof WeirError)) throw error
    watch.ended(file, error)
  }
}
