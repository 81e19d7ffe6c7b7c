import { retryQueue } from '@weir/forwarder'
import { EXIT } from '../exit.ts'
import type { Output } from '../output.ts'
import { type ChoiceOptions, missingWords, namedOf } from './chosen.ts'

/** Lets entries go out once more; the exit code tells whether all that were named do. */
export function retry(
  numbers: readonly number[] | undefined,
  options: ChoiceOptions & { readonly all?: boolean },
  output: Output,
): number {
  const { path, choice } = namedOf(numbers, options)
  const done = retryQueue(path, choice)
  if (options.json === true) output.json(done)
  else output.line(`${done.again} of ${done.again + done.unreadable} entries go out once more`)
  if (done.unreadable > 0) output.note(`${done.unreadable} cannot be read by this version either; they stay`)
  if (done.missing.length > 0) output.note(missingWords(done.missing))
  return done.unreadable + done.missing.length === 0 ? EXIT.ok : EXIT.findings
}
