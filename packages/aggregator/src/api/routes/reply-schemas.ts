import type { Readable } from 'node:stream'
import { problem } from '@weir/contract'
import { z } from 'zod'

/** How a route answers when it refuses: every time in one shape. */
export const REFUSED = { '4xx': problem, '5xx': problem } as const

/** The path of everything about one alert. */
export const alertPath = z.object({ id: z.string().describe("The alert's id, as every output carries it") })

export const NDJSON = 'application/x-ndjson'

/** Lines of one shape, one JSON object each. */
export function ndjson(line: z.ZodType, description: string) {
  return { description, content: { [NDJSON]: { schema: ready(line) } } }
}

/** Text of no shape that a schema could say. */
export function text(description: string) {
  return { description, content: { 'text/plain': { schema: ready(z.string()) } } }
}

/** The schema describes the body to a reader; a handler sends its bytes, which nothing serializes again. */
function ready(schema: z.ZodType): z.ZodType<Readable | Uint8Array | string> {
  return schema as z.ZodType<Readable | Uint8Array | string>
}
