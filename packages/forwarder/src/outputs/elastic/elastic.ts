import { outputType } from '../output-type.ts'
import { checkElastic } from './check.ts'
import { elasticConfig } from './config.ts'
import { createElasticOutput } from './send.ts'

export const ELASTIC = outputType({ schema: elasticConfig, open: createElasticOutput, check: checkElastic })
