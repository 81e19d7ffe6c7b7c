import type { z } from 'zod'
import type { Output, OutputTools } from './output.ts'

/** One `type` of output: what its configuration is, how it is made and how the doctor looks at it. */
export interface OutputType<S extends z.ZodType> {
  /** A strict object with `type`, the members of `COMMON` and the rest. */
  readonly schema: S
  /** Nothing is connected before something is sent. Throws `WeirError` CONFIG_INVALID for files that cannot be read. */
  readonly open: (config: z.output<S>, tools: OutputTools) => Output
  /** Says in words that the receiver can be reached; sends nothing to it. Rejects when it cannot. */
  readonly check: (config: z.output<S>) => Promise<string>
}

/** Says that the three belong together. */
export function outputType<S extends z.ZodType>(type: OutputType<S>): OutputType<S> {
  return type
}
