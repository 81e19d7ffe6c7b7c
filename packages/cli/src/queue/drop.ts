import { dropQueue } from '@weir/forwarder'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { type ChoiceOptions, missingWords, namedOf } from './chosen.ts'

/** Takes entries away and says how many; the exit code tells whether all that were named were there. */
export function drop(
  numbers: readonly number[] | undefined,
  options: ChoiceOptions & { readonly all?: boolean },
  output: Output,
): number {
  const { path, choice } = namedOf(numbers, options)
  const { dropped, missing } = dropQueue(path, choice)
  if (options.json === true) output.json({ dropped, missing })
  else output.line(`${dropped} entries dropped`)
  if (missing.length > 0) output.note(missingWords(missing))
  return missing.length === 0 ? EXIT.ok : EXIT.findings
}
