import { Readable } from 'node:stream'
import type { EventSource } from '@weir/model'
import { createReport, systemClock } from '@weir/runtime'

/** One place that records are written to, and sources that read it; a new one for every test. */
export interface Place {
  write(lines: readonly string[]): Promise<void>
  /** At most about so many bytes read and not committed. */
  source(bytesInFlightMax?: number): EventSource
  /** Bytes that it may have taken from a sender who will not send them again: at the end they go through. */
  readonly takenMax?: number
}

/** The servers behind the places of one type of source. */
export interface Places {
  place(): Promise<Place>
  close(): Promise<void>
}

export const deps = {
  clock: systemClock,
  report: createReport('silent'),
  random: Math.random,
  stdin: Readable.from([]),
}
