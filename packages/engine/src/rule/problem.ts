import { nearest } from './nearest.ts'

/** What is wrong with a rule file, and where: `line` and `column` count from 1, in UTF-16 units. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly severity: 'error' | 'warning'
  readonly code: ProblemCode
  readonly message: string
}

export type ProblemCode =
  | 'json'
  | 'required'
  | 'type'
  | 'unknown-property'
  | 'unknown-dataset'
  | 'unknown-fact'
  | 'unknown-field'
  | 'unknown-operator'
  | 'unknown-value'
  | 'unknown-rule'
  | 'unknown-technique'
  | 'unknown-condition'
  | 'unknown-list'
  | 'conditions'
  | 'path'
  | 'value'
  | 'never-matches'
  | 'correlation'
  | 'unsupported'
  | 'duplicate-id'
  | 'cycle'
  | 'bare-rule'
  | 'slow'
  | 'unused'
  | 'unreachable'

/** The problems of one file, told by offset into its text. */
export class Problems {
  readonly file: string
  readonly list: Problem[] = []
  /** The file holds a bare json-rules-engine rule: what the library takes is not refused. */
  bare = false
  readonly #text: string

  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
  }

  /** The same file with nothing told yet, checked as strictly as a bare rule or as any other. */
  blank(bare: boolean): Problems {
    const problems = new Problems(this.file, this.#text)
    problems.bare = bare
    return problems
  }

  get failed(): boolean {
    return this.list.some((problem) => problem.severity === 'error')
  }

  error(at: number, code: ProblemCode, message: string): undefined {
    this.#add(at, code, message, 'error')
  }

  warn(at: number, code: ProblemCode, message: string): void {
    this.#add(at, code, message, 'warning')
  }

  /** What the library takes and can hardly be meant: an error in a rule of Weir's own form, a warning in a bare one. */
  odd(at: number, code: ProblemCode, message: string): undefined {
    this.#add(at, code, message, this.bare ? 'warning' : 'error')
  }

  /** An unknown name, with the nearest known one. */
  unknown(at: number, code: ProblemCode, what: string, name: string, known: Iterable<string>): undefined {
    this.error(at, code, unknownName(what, name, known))
  }

  /** The same, where the library takes any name. */
  oddName(at: number, code: ProblemCode, what: string, name: string, known: Iterable<string>): undefined {
    this.odd(at, code, unknownName(what, name, known))
  }

  /** Line and column, each from 1, of an offset. */
  placeOf(at: number): { readonly line: number; readonly column: number } {
    const before = this.#text.slice(0, at)
    return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
  }

  #add(at: number, code: ProblemCode, message: string, severity: Problem['severity']): void {
    this.list.push({ file: this.file, ...this.placeOf(at), severity, code, message })
  }
}

/** As many names are told where none is near. */
const NAMES_TOLD_MAX = 12

/** That nobody knows a name: with the nearest one, or else with all where they are few. */
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known]
  const near = nearest(name, names)
  if (near !== undefined) return `unknown ${what} "${name}"; did you mean "${near}"?`
  const few = names.length > 0 && names.length <= NAMES_TOLD_MAX
  return `unknown ${what} "${name}"${few ? `; there are ${names.join(', ')}` : ''}`
}
