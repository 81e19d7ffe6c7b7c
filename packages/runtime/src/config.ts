import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { WeirError } from './errors.ts'

/** A secret by reference: never in the file itself. */
const reference = z.union([z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })])

type SecretReference = z.infer<typeof reference>

/** A secret in a configuration: `{"env": "NAME"}` or `{"file": "path"}`, resolved while it is read. */
export const secret = reference.transform((from, context) => {
  const file = 'file' in from ? resolve(base.folder, from.file) : undefined
  const found = 'env' in from ? base.environment[from.env] : textIn(file!)
  if (found) return new Secret(found, file)
  context.addIssue({ code: 'custom', message: missingSecret(from) })
  return z.NEVER
})

/** Holds a secret so that it cannot be printed by accident; `reveal()` gives it. */
export class Secret {
  readonly #file: string | undefined
  #value: string

  /** `file` is where it was read and may be read again. */
  constructor(value: string, file?: string) {
    this.#value = value
    this.#file = file
  }

  reveal(): string {
    return this.#value
  }

  /**
   * Reads its file again; true when there is another secret now. Throws `WeirError` SECRET_MISSING where there
   * is none, and what was read before stays in force.
   */
  refresh(): boolean {
    if (this.#file === undefined) return false
    const found = textIn(this.#file)
    if (!found) throw new WeirError('SECRET_MISSING', `secret file ${this.#file} is empty or cannot be read`)
    const changed = found !== this.#value
    this.#value = found
    return changed
  }

  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
}

/** A path in a configuration, relative to the file that it stands in. */
export const path = z
  .string()
  .min(1)
  .transform((text) => resolve(base.folder, text))

/** Set while a file is parsed: zod transforms take no context of the caller's. */
const base = { folder: process.cwd(), environment: {} as Readonly<Record<string, string | undefined>> }

/**
 * Reads and checks a configuration file. Throws `WeirError` CONFIG_UNREADABLE or CONFIG_INVALID; the latter
 * lists every mistake, one a line, each with its path in the file.
 */
export function readConfig<T extends z.ZodType>(
  file: string,
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  return parseConfig(file, readJson(file), schema, environment)
}

/** The same for a value that was read already; `file` names it in messages and anchors relative paths. */
export function parseConfig<T extends z.ZodType>(
  file: string,
  value: unknown,
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  base.folder = dirname(resolve(file))
  base.environment = environment
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.flatMap(describe)
  throw new WeirError('CONFIG_INVALID', `${file} has ${lines.length} mistake(s)\n  ${lines.join('\n  ')}`)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new WeirError('CONFIG_UNREADABLE', `cannot read configuration ${file}`, { cause })
  }
}

/** One line a mistake, also inside unions and lists of unknown keys. */
function describe(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.') || '(top)'
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at}: unknown key "${key}"`)
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [`${at}: ${issue.message}`]
  const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? []
  return nearest.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }))
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

function missingSecret(from: SecretReference): string {
  return 'env' in from
    ? `environment variable ${from.env} is not set, or empty`
    : `secret file ${from.file} cannot be read, or is empty`
}
