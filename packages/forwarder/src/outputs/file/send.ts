import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, WeirError } from '@weir/runtime'
import { jsonLine } from '../../formats/json-line.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import type { FileConfig } from './config.ts'
import { packOlder } from './pack.ts'
import { rotate } from './rotate.ts'

/**
 * JSON lines, on disk when they are acknowledged. The file is opened anew for every batch, so others may
 * move it.
 */
export function createFileOutput(config: FileConfig, tools: OutputTools): Output {
  return {
    name: config.name,
    inDoubt: 0,
    encode: (alert) => jsonLine(alert, config.format),
    send: async (messages) => {
      if (messages.length === 0) return []
      try {
        const rotated = await append(config, messages, tools.clock.now())
        if (rotated) await pack(config, tools)
        return []
      } catch (cause) {
        throw new WeirError('OUTPUT_FAILED', `cannot write to ${config.path}`, { cause })
      }
    },
    close: async () => undefined,
  }
}

/** True when it went into a new file. */
async function append(config: FileConfig, messages: readonly Message[], now: number): Promise<boolean> {
  await mkdir(dirname(config.path), { recursive: true })
  const bytes = Buffer.concat(messages.map((message) => message.bytes))
  const before = await using(config, cutTornLine)
  const full =
    before.size > 0 && (before.size + bytes.length > config.rotateBytes || isOver(config, before, now))
  if (full) await rotate(config)
  await using(config, (file) => write(file, bytes, config.mode))
  await syncFolder(dirname(config.path))
  return full
}

/** A file holds lines of one period: that of the last write to it. */
function isOver({ rotateEvery }: FileConfig, { writtenMs }: Written, now: number): boolean {
  return rotateEvery !== undefined && Math.floor(writtenMs / rotateEvery) !== Math.floor(now / rotateEvery)
}

/** What cannot be written whole, because the disk is full say, is taken back: all of it comes again. */
async function write(file: FileHandle, bytes: Buffer, mode: number): Promise<void> {
  const { size } = await file.stat()
  // Whatever the umask is. What others have set since on a file of ours stays.
  if (size === 0) await file.chmod(mode)
  try {
    await file.appendFile(bytes)
    await file.datasync()
  } catch (error) {
    await file.truncate(size).catch(() => undefined)
    throw error
  }
}

async function using<T>({ path, mode }: FileConfig, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'a+', mode)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

interface Written {
  readonly size: number
  /** Epoch milliseconds of the last write. */
  readonly writtenMs: number
}

/** Bytes read at once in search of the last whole line. */
const LOOK_BACK_BYTES = 65_536

/** A write that was cut short by a crash left half a line, which was never acknowledged and comes again. */
async function cutTornLine(file: FileHandle): Promise<Written> {
  const { size, mtimeMs: writtenMs } = await file.stat()
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - LOOK_BACK_BYTES)
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
    const newline = buffer.lastIndexOf(10)
    if (newline === -1) {
      end = start
      continue
    }
    const whole = start + newline + 1
    if (whole < size) await file.truncate(whole)
    return { size: whole, writtenMs }
  }
  if (size > 0) await file.truncate(0)
  return { size: 0, writtenMs }
}

/** What cannot be packed stays as it is until the next turn; alerts do not wait for it. */
async function pack(config: FileConfig, { report }: OutputTools): Promise<void> {
  try {
    await packOlder(config)
  } catch (error) {
    report.event('warn', 'file_not_packed', { output: config.name, reason: messageOf(error) }, ['output'])
  }
}

/** A new name is durable when its folder is. Windows has no such call, and does it by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
