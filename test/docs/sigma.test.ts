import { readFileSync } from 'node:fs'
import { importSigma, loadRules, REFUSALS, readFieldMaps } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { expect, test } from 'vitest'

const PAGE = readFileSync(new URL('../../docs/sigma.md', import.meta.url), 'utf8')

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((found) => found[1]!)
}

test('the rule on the page becomes the rule file beside it', () => {
  const { rules } = importSigma([{ path: 'trail_stopped.yml', text: blocks('yaml')[0]! }], [], DATASETS)
  expect(rules.map(({ json }) => json)).toEqual([JSON.parse(blocks('json')[0]!)])
})

test('the map on the page is one, and its rules load', () => {
  const maps = readFieldMaps(JSON.parse(blocks('json')[1]!))
  const items =
    "{ Workstation: PC-1, TokenAge|gt: 5, Policies: x, Result: 'not ok', UserPrincipalName|expand: '%Administrators%' }"
  const text = `title: T\nlogsource: { product: azure, service: signinlogs }\ndetection:\n  sel: ${items}\n  condition: sel`
  const { rules, outcomes } = importSigma([{ path: 't.yml', text }], maps, DATASETS)
  expect(outcomes.map(({ reason }) => reason)).toEqual([null])
  expect(loadRules([{ path: 't.json', text: JSON.stringify(rules[0]!.json) }], DATASETS).problems).toEqual([])
  expect(JSON.stringify(rules[0]!.json)).toContain('"value":["failure","unknown"]')
})

test('every reason for which a document is refused is on the page', () => {
  const rows = [...PAGE.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(([, code, words]) => [code, words])
  expect(rows.filter(([code]) => code! in REFUSALS)).toEqual(Object.entries(REFUSALS))
})
