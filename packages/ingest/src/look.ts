import { type Clock, messageOf } from '@weir/runtime'
import { within } from './within.ts'

/** One thing of a source that was looked at: a credential, a hub, a container, a path. */
export type SourceCheck =
  | { readonly name: string; readonly ok: true; readonly detail: string }
  | { readonly name: string; readonly ok: false; readonly detail: string; readonly remedy: string }

/** A question without answer for so long has failed; a credential may ask several places in turn. */
export const ANSWER_MS_MAX = 20_000

export const CREDENTIAL_REMEDY =
  'give this machine the identity that the configuration names; with "default", signing in with az login is enough'

/** `look` says what it found or throws; an error is told in the words of `reasonOf`, with the remedy. */
export async function look(
  name: string,
  remedy: string,
  clock: Clock,
  find: () => Promise<string>,
  reasonOf: (error: unknown) => string = messageOf,
): Promise<SourceCheck> {
  try {
    return { name, ok: true, detail: await within(clock, ANSWER_MS_MAX, name, find()) }
  } catch (error) {
    return { name, ok: false, detail: reasonOf(error), remedy }
  }
}
