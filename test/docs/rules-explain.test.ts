import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('the explanation on the page is what the command says of the first rule and its near-miss', () => {
  const page = readFileSync(join(ROOT, 'docs/rules.md'), 'utf8')
  const [rule, cases] = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map((block) =>
    JSON.parse(block[1]!),
  )
  const shown = /^```text\n(event [\s\S]*?)^```$/m.exec(page)![1]
  const folder = mkdtempSync(join(tmpdir(), 'weir-docs-'))
  writeFileSync(join(folder, 'rule.json'), JSON.stringify(rule))
  const command = join(ROOT, 'packages/cli/bin/weir.js')
  const args = ['rules', 'explain', '--rules', folder, '--rule', rule.id, '--event', '-']
  const input = JSON.stringify(cases[1].events[0])
  const { stdout, status } = spawnSync(process.execPath, [command, ...args], { input, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect([status, stdout.trimEnd()]).toEqual([1, shown!.trimEnd()])
})
