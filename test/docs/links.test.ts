import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const docs = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
const pages = ['README.md', 'CONTRIBUTING.md', ...docs]

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(read(page)).filter((link) => !leadsSomewhere(page, link))
  expect(broken).toEqual([])
})

test.each(pages)('every file that %s names is there', (page) => {
  const named = [...read(page).matchAll(/`((?:packages|test|rules|deploy|docs|\.ci)\/[\w./-]+)`/g)].map(
    (found) => found[1]!,
  )
  expect([...new Set(named)].filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('every dependency is justified', () => {
  const page = read('docs/architecture.md')
  const section = page.slice(page.indexOf('## Dependencies'), page.indexOf('## What is not there yet'))
  const manifests = ['package.json', ...packageNames().map((name) => `packages/${name}/package.json`)]
  const unsaid = manifests.flatMap(dependenciesOf).filter((name) => !section.includes(`\`${name}\``))
  expect([...new Set(unsaid)]).toEqual([])
})

test('the table of packages names what each imports', () => {
  const page = read('docs/architecture.md')
  for (const name of packageNames()) {
    const row = page.split('\n').find((line) => line.includes(`| \`${name}\` |`) && /^\| \d/.test(line))
    const outside = dependenciesOf(`packages/${name}/package.json`)
    expect(outside.filter((each) => !row?.includes(`\`${each}\``), name)).toEqual([])
  }
})

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** Links of a page that do not leave the repository. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((found) => found[1]!)
    .filter((link) => !/^https?:/.test(link))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path, anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path!)
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || anchorsOf(read(target)).has(anchor)
}

/** Headings as the forges turn them into anchors. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((found) => found[1]!)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function packageNames(): string[] {
  return readdirSync(join(root, 'packages'))
}

function dependenciesOf(manifest: string): string[] {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(manifest))
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
  return Object.keys(all).filter((name) => !name.startsWith('@weir/'))
}
