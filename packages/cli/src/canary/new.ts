import { randomUUID } from 'node:crypto'
import { systemClock } from '@weir/runtime'
import type { Output } from '../output.ts'

export interface Canary {
  readonly id: string
  /** What is planted, as one line of JSON. */
  readonly record: string
}

/** Makes a canary of an id that nobody had. */
export function makeCanary(note?: string): Canary {
  const id = `c-${randomUUID()}`
  const planted = new Date(systemClock.now()).toISOString()
  const weir = { canary: id, planted, ...(note !== undefined && { note }) }
  return { id, record: JSON.stringify({ weir }) }
}

export function newCanary(options: { note?: string; json?: boolean }, output: Output): void {
  const canary = makeCanary(options.note)
  if (options.json === true) output.json({ id: canary.id, record: JSON.parse(canary.record) })
  else {
    output.line(canary.record)
    output.note(`${canary.id}: plant it, then run weir canary wait ${canary.id}`)
  }
}
