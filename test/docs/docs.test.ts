import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DOCS, PAGES } from './generate.ts'

const REMEDY = 'run `node test/docs/generate.ts` and commit what it writes'

test.each(Object.keys(PAGES))('docs/%s is what the code says', (name) => {
  const file = new URL(name, DOCS)
  expect(existsSync(file), `docs/${name} is missing: ${REMEDY}`).toBe(true)
  expect(readFileSync(file, 'utf8') === PAGES[name]!(), `docs/${name} differs from the code: ${REMEDY}`).toBe(
    true,
  )
})

test('the pages tell what only a person who knows the code would: folds, states, lateness', () => {
  const fields = PAGES['fields.md']!()
  expect(fields).toMatch(/\n\| `user.name` \| [^|]*properties.userPrincipalName[^|]* \| yes \|\n/)
  expect(fields).toContain(
    '| `properties.id` | `properties.status.errorCode`, `resultType`, `properties.riskState` |',
  )
  expect(PAGES['errors.md']!()).toContain('| `WRONG_USE` | ')
  expect(PAGES['health.md']!()).toContain('| `feed-forked` | high | ')
})
