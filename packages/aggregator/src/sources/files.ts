import { Readable } from 'node:stream'
import { checkFiles, FILE_BOUNDS, fileSource } from '@weir/ingest'
import { path } from '@weir/runtime'
import { z } from 'zod'
import { name } from '../config-parts.ts'
import { sourceType } from './source-type.ts'

const schema = z.strictObject({ type: z.literal('files'), name, inputs: z.array(path).min(1) })

export const FILES = sourceType({
  schema,
  // A service has no standard input to read records from.
  open: ({ name: source, inputs }, deps) =>
    fileSource({ ...FILE_BOUNDS, name: source, inputs }, { ...deps, stdin: Readable.from([]) }),
  check: (config, clock) => checkFiles(config, clock),
})
