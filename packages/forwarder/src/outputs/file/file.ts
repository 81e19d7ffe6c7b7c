import { lookAtPlace } from '../../file-place.ts'
import { outputType } from '../output-type.ts'
import { fileConfig } from './config.ts'
import { createFileOutput } from './send.ts'

export const FILE = outputType({
  schema: fileConfig,
  open: createFileOutput,
  check: ({ path }) => lookAtPlace(path),
})
