import type { JsonObject } from '@weir/model'
import schema from '../schema/rule-v1.json' with { type: 'json' }
import { type FieldMap, importSigma, type SigmaImport } from '../src/index.ts'
import { DATASETS, MATCHERS, metBy } from './match-fixtures.ts'
import { type Schema, violations } from './rule-schema-check.ts'

const SCHEMA = schema as Schema

/** Everything is looked for in the record; `plain` is known to be no list, `user` and `action` are kept folded. */
export const MAP: FieldMap = {
  logsource: { product: 'test' },
  dataset: ['azure.signinlogs'],
  unmapped: 'record',
  fields: {
    plain: '$.plain',
    user: 'user.name',
    action: { fact: 'event.action', path: '$.action' },
    ip: 'source.ip',
    either: ['$.left', '$.right'],
    status: {
      path: '$.status',
      values: { Success: ['ok', 0], Odd: [{ fact: 'n', operator: 'greaterThan', value: 7 }] },
    },
  },
  placeholders: { admins: ['root', 'adm-*'], one: ['1'], nets: ['10.0.0.0/8', '192.0.2.0/24'] },
}

/** A Sigma rule of a detection section, written with two spaces before each line. */
export function rule(detection: string, more = ''): string {
  return `title: T\n${more}logsource:\n  product: test\ndetection:\n${detection}\n`
}

/** Imports a text, and holds every rule that comes out against the published schema. */
export function imported(text: string, maps: readonly FieldMap[] = [MAP]): SigmaImport {
  const result = importSigma([{ path: 'rules/t.yml', text }], maps, DATASETS)
  const wrong = result.rules.flatMap(({ json }) => violations(SCHEMA, json, SCHEMA))
  if (wrong.length > 0) throw new Error(`against the schema: ${wrong.join('; ')}`)
  return result
}

/** Which records a rule meets, asked of the compiled matcher and of the library; throws where they differ. */
export async function met(
  text: string,
  records: readonly JsonObject[],
  maps?: readonly FieldMap[],
): Promise<readonly boolean[]> {
  const { rules, outcomes } = imported(text, maps)
  const [made] = rules
  if (made === undefined) throw new Error(`refused: ${outcomes[0]?.reason}`)
  const answers = await Promise.all(
    MATCHERS.map(([, create]) => metBy(create, made.json['conditions'], records)),
  )
  if (answers.some(({ errors }) => errors > 0)) throw new Error('conditions threw')
  if (JSON.stringify(answers[0]) !== JSON.stringify(answers[1]))
    throw new Error(`ways differ: ${JSON.stringify(answers)}`)
  return answers[0]!.met
}

/** Why a text was refused: the code. */
export function refusal(text: string, maps: readonly FieldMap[] = [MAP]): string | undefined {
  return imported(text, maps).outcomes[0]?.reason?.split(':')[0]
}
