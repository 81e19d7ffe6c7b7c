import { type QueueChoice, readSpoolPath } from '@weir/forwarder'
import { WeirError } from '@weir/runtime'

export interface ChoiceOptions {
  readonly config: string
  readonly output?: string
  readonly id?: string
  readonly json?: boolean
}

/** The spool and the entries that were named. */
export function chosenOf({ config, output, id }: ChoiceOptions): { path: string; choice: QueueChoice } {
  const choice = { ...(output === undefined ? {} : { output }), ...(id === undefined ? {} : { id }) }
  return { path: readSpoolPath(config), choice }
}

/** The same for a verb that changes something: it must be said which. Throws `WeirError` WRONG_USE. */
export function namedOf(
  numbers: readonly number[] | undefined,
  options: ChoiceOptions & { readonly all?: boolean },
): { path: string; choice: QueueChoice } {
  const { path, choice } = chosenOf(options)
  const given = numbers ?? []
  if (given.length > 0 && options.all === true) throw wrong('numbers and --all exclude each other')
  if (given.length === 0 && options.all !== true && options.id === undefined)
    throw wrong('say which entries: their numbers, --id or --all')
  return { path, choice: given.length === 0 ? choice : { ...choice, numbers: given } }
}

/** What was asked for and is not there, in words. */
export function missingWords(missing: readonly number[]): string {
  return `not there (any more): ${missing.join(', ')}`
}

function wrong(words: string): WeirError {
  return new WeirError('WRONG_USE', words)
}
