import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { WeirError } from '@weir/runtime'
import { jsonLine } from '../../formats/json-line.ts'
import type { Message, Output } from '../output.ts'
import type { FileConfig } from './config.ts'

/**
 * JSON lines, on disk when they are acknowledged. The file is opened anew for every batch, so others may
 * move it.
 */
export function createFileOutput(config: FileConfig): Output {
  return {
    name: config.name,
    inDoubt: 0,
    encode: (alert) => jsonLine(alert, config.format),
    send: async (messages) => {
      if (messages.length === 0) return []
      try {
        await append(config, messages)
        return []
      } catch (cause) {
        throw new WeirError('OUTPUT_FAILED', `cannot write to ${config.path}`, { cause })
      }
    },
    close: async () => undefined,
  }
}

async function append(config: FileConfig, messages: readonly Message[]): Promise<void> {
  await mkdir(dirname(config.path), { recursive: true })
  const bytes = Buffer.concat(messages.map((message) => message.bytes))
  const before = await using(config.path, cutTornLine)
  if (before > 0 && before + bytes.length > config.rotateBytes) await rotate(config)
  await using(config.path, async (file) => {
    await file.appendFile(bytes)
    await file.datasync()
  })
  await syncFolder(dirname(config.path))
}

async function using<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'a+')
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

/** Bytes read at once in search of the last whole line. */
const LOOK_BACK_BYTES = 65_536

/**
 * A write that was cut short left half a line, which was never acknowledged and comes again. Returns the
 * size.
 */
async function cutTornLine(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
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
    return whole
  }
  if (size > 0) await file.truncate(0)
  return 0
}

/** `path.1` is the youngest of the older files. */
async function rotate({ path, keep }: FileConfig): Promise<void> {
  await rm(`${path}.${keep}`, { force: true })
  for (let n = keep - 1; n >= 1; n--) await moveIfThere(`${path}.${n}`, `${path}.${n + 1}`)
  await rename(path, `${path}.1`)
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
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
