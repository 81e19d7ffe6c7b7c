import { z } from 'zod'
import { WeirError } from './errors.ts'
import { FILTERS, type Filter, textOf } from './template-filters.ts'

/** JSON whose texts have holes, such as `{{rule.name}}`, that an object fills. */
export interface Template {
  /**
   * The JSON text, of at most `bytesMax` bytes. A member or element whose only placeholder leads nowhere is left
   * out. Throws `WeirError` OUTPUT_FAILED for one that would be larger.
   */
  render(object: unknown, bytesMax: number): string
}

/** A template in a configuration: any JSON value. Broken braces and unknown filters are refused, with their place. */
export const template = z.json().transform((json, context): Template => {
  const mistakes: Mistake[] = []
  const node = compile(json, [], mistakes)
  for (const { path, message } of mistakes) context.addIssue({ code: 'custom', path: [...path], message })
  return mistakes.length > 0 ? z.NEVER : { render: (object, bytesMax) => renderTop(node, object, bytesMax) }
})

type Json = z.output<ReturnType<typeof z.json>>

interface Mistake {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Takes the pieces of the JSON text one after another, so that one that grows too large is given up early. */
type Put = (piece: string) => void

/** Puts its JSON text, `before` ahead of it; puts nothing at all and says false when it has no value. */
type Node = (object: unknown, put: Put, before: string) => boolean

/** `{{` path, filters with their arguments, `}}`. A path's parts are names; of a list each member is asked. */
const TEXT = String.raw`(?:'[^']*'|"[^"]*"|\d+)`
const ARGS = String.raw`\(\s*(?:${TEXT}(?:\s*,\s*${TEXT})*)?\s*\)`
const FILTER = String.raw`\|\s*\w+\s*(?:${ARGS})?\s*`
const HOLE = String.raw`\{\{\s*[^\s{}|'"()]+\s*(?:${FILTER})*\}\}`

function compile(json: Json, path: Mistake['path'], mistakes: Mistake[]): Node {
  if (typeof json === 'string') return compileText(json, path, mistakes)
  if (json === null || typeof json !== 'object') return constant(JSON.stringify(json))
  if (Array.isArray(json)) return list(json.map((each, i) => compile(each, [...path, i], mistakes)))
  return members(
    Object.entries(json).map(([name, value]) => {
      if (/\{\{|\}\}/.test(name))
        mistakes.push({ path: [...path, name], message: 'a name has no placeholders' })
      return [name, compile(value, [...path, name], mistakes)] as const
    }),
  )
}

function constant(text: string): Node {
  return (_, put, before) => {
    put(before + text)
    return true
  }
}

function list(nodes: readonly Node[]): Node {
  return (object, put, before) => {
    put(`${before}[`)
    let any = false
    for (const node of nodes) any = node(object, put, any ? ',' : '') || any
    put(']')
    return true
  }
}

function members(nodes: readonly (readonly [string, Node])[]): Node {
  return (object, put, before) => {
    put(`${before}{`)
    let any = false
    for (const [name, node] of nodes)
      any = node(object, put, `${any ? ',' : ''}${JSON.stringify(name)}:`) || any
    put('}')
    return true
  }
}

function compileText(text: string, path: Mistake['path'], mistakes: Mistake[]): Node {
  // Every second piece is a hole: what stands between holes may have no braces of its own.
  const pieces = text.split(new RegExp(`(${HOLE})`))
  const holes = pieces.map((piece, i) => (i % 2 === 1 ? compileHole(piece, path, mistakes) : piece))
  if (pieces.some((piece, i) => i % 2 === 0 && /\{\{|\}\}/.test(piece)))
    mistakes.push({ path, message: `"${text}" has braces that are no placeholder: {{path|filter('text')}}` })
  const [first, only, last] = holes
  if (holes.length === 3 && first === '' && last === '' && typeof only === 'function') return whole(only)
  if (holes.length === 1) return constant(JSON.stringify(text))
  return (object, put, before) => {
    const filled = holes.map((hole) => (typeof hole === 'string' ? hole : textOf(hole(object))))
    put(before + JSON.stringify(filled.join('')))
    return true
  }
}

/** A text that is one placeholder and nothing else is its value, with the value's type. */
function whole(hole: (object: unknown) => unknown): Node {
  return (object, put, before) => {
    const value = hole(object)
    if (value !== undefined) put(before + JSON.stringify(value))
    return value !== undefined
  }
}

function compileHole(hole: string, at: Mistake['path'], mistakes: Mistake[]) {
  const names = hole
    .replace(/^\{\{\s*/, '')
    .split(/[\s|}]/, 1)[0]!
    .split('.')
  const steps = [...hole.matchAll(new RegExp(FILTER, 'g'))].map(([step]) => {
    const [name = ''] = /\w+/.exec(step) ?? []
    const args = [...step.slice(1 + name.length).matchAll(new RegExp(TEXT, 'g'))]
    const texts = args.map(([text]) => text.replaceAll(/^['"]|['"]$/g, ''))
    return { apply: filterOf(name, texts, at, mistakes), args: texts }
  })
  return (object: unknown) =>
    steps.reduce((value, { apply, args }) => apply(value, args), valueAt(object, names))
}

function filterOf(name: string, args: readonly string[], path: Mistake['path'], mistakes: Mistake[]): Filter {
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name]! : undefined
  const mistake = filter?.mistake(args)
  if (filter === undefined)
    mistakes.push({ path, message: `no filter "${name}"; there are ${Object.keys(FILTERS).join(', ')}` })
  if (mistake !== undefined) mistakes.push({ path, message: `${name}: ${mistake}` })
  return filter?.apply ?? ((value) => value)
}

/** Own members only. Of a list, what its members have; a list that has none is nowhere. */
function valueAt(at: unknown, names: readonly string[]): unknown {
  const [name, ...rest] = names
  if (name === undefined) return at
  if (typeof at !== 'object' || at === null) return undefined
  if (!Array.isArray(at))
    return Object.hasOwn(at, name)
      ? valueAt((at as Readonly<Record<string, unknown>>)[name], rest)
      : undefined
  const found = at.map((each) => valueAt(each, names)).filter((value) => value !== undefined)
  return found.length === 0 ? undefined : found.flat()
}

function renderTop(node: Node, object: unknown, bytesMax: number): string {
  const pieces: string[] = []
  let bytes = 0
  const put: Put = (piece) => {
    bytes += Buffer.byteLength(piece)
    if (bytes > bytesMax) throw new WeirError('OUTPUT_FAILED', `the body is larger than ${bytesMax} bytes`)
    pieces.push(piece)
  }
  return node(object, put, '') ? pieces.join('') : 'null'
}
