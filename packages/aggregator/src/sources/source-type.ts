import type { SourceCheck, SourceDeps } from '@weir/ingest'
import type { EventSource } from '@weir/model'
import type { Clock } from '@weir/runtime'
import type { z } from 'zod'

/** One `type` of source: what its configuration is, how it is made and how the doctor looks at it. */
export interface SourceType<S extends z.ZodType> {
  /** A strict object with `type`, `name` and the rest. */
  readonly schema: S
  /** Nothing is connected yet. Throws `WeirError` CONFIG_INVALID for what only the source can see. */
  readonly open: (config: z.output<S>, deps: SourceDeps) => EventSource
  /** Asks for as little as shows that it could be read; nothing is consumed and no position moves. */
  readonly check: (config: z.output<S>, clock: Clock) => Promise<readonly SourceCheck[]>
}

/** Says that the three belong together. */
export function sourceType<S extends z.ZodType>(type: SourceType<S>): SourceType<S> {
  return type
}
