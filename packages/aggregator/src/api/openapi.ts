import swagger from '@fastify/swagger'
import { alertV1, problem } from '@weir/contract'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'

/** Schemas that the document names once and refers to. */
const NAMED = { AlertV1: alertV1, Problem: problem }

type Override = NonNullable<z.core.ToJSONSchemaParams['override']>

/** Collects the schemas of all routes registered after it into one OpenAPI document. */
export function describeApi(app: FastifyInstance, version: string): void {
  const schemaRegistry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(NAMED)) schemaRegistry.add(schema, { id })
  const options = { schemaRegistry, zodToJsonConfig: { override } }
  const named = createJsonSchemaTransformObject(options)
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Weir aggregator', description: 'Alerts, their evidence, and the feed.', version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform(options),
    transformObject: (document) => onlyReplies(named(document)),
  })
}

/** Says "any JSON" in place of a recursion that one document cannot refer to, and leaves dates readable. */
const override: Override = ({ zodSchema, jsonSchema }) => {
  if (zodSchema._zod.def.type === 'record') {
    delete jsonSchema.propertyNames
    if (isAnyJson((zodSchema._zod.def as z.core.$ZodRecordDef).valueType))
      jsonSchema.additionalProperties = true
  }
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
}

function isAnyJson(schema: z.core.SomeType): boolean {
  return schema._zod.def.type === 'lazy'
}

/** No named schema is ever sent to us, so the variants for input would stand there unused. */
function onlyReplies<T extends object>(document: T): T {
  const schemas = (document as { components?: { schemas?: object } }).components?.schemas ?? {}
  for (const name of Object.keys(schemas)) if (!(name in NAMED)) Reflect.deleteProperty(schemas, name)
  return document
}
