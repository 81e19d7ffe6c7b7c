import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
// biome-ignore lint/style/noRestrictedImports: the table is no part of the forwarder's public face
import { TECHNIQUES } from '../../packages/forwarder/src/shape/attack-versions.ts'

const root = join(import.meta.dirname, '../..')
const KNOWN = readJson('packages/engine/src/rule/attack-techniques.json') as {
  readonly techniques: Readonly<Record<string, readonly string[]>>
  readonly later: Readonly<Record<string, readonly string[]>>
}
/** Ids of release 18.1, from its own bundle, and those of release 19 that the engine knows beside them. */
const RELEASE_18 = idsOf(KNOWN.techniques)
const LATER = idsOf(KNOWN.later)

test('what release 18 gets is in it, and what release 19 replaces was in it', () => {
  const old = [...TECHNIQUES.v18.values(), ...TECHNIQUES.v19.keys()]
  expect(old.filter((id) => !RELEASE_18.has(id))).toEqual([])
})

test('what release 18 does not know is told apart from it', () => {
  const fresh = [...TECHNIQUES.v18.keys(), ...TECHNIQUES.v19.values()]
  expect(fresh.filter((id) => RELEASE_18.has(id))).toEqual([])
  // A parent without an id of its own before, and the rest of what the engine knows of release 19.
  expect([...LATER].filter((id) => !TECHNIQUES.v18.has(id))).toEqual(['T1684'])
})

test('every technique of a shipped rule has an id in release 18', () => {
  const files = readdirSync(join(root, 'rules'), { recursive: true, encoding: 'utf8' })
  const rules = files.filter((file) => file.endsWith('.json') && !file.endsWith('.test.json'))
  const ids = rules.flatMap((file) => (readJson(join('rules', file)) as { attack?: string[] }).attack ?? [])
  expect(new Set(ids).size).toBeGreaterThan(25)
  expect(ids.filter((id) => !RELEASE_18.has((TECHNIQUES.v18 as Map<string, string>).get(id) ?? id))).toEqual(
    [],
  )
})

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

function idsOf(techniques: Readonly<Record<string, readonly string[]>>): Set<string> {
  return new Set(
    Object.entries(techniques).flatMap(([id, parts]) => [id, ...parts.map((part) => `${id}.${part}`)]),
  )
}
