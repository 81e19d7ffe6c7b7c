import { messageOf } from '@weir/runtime'

/** One thing that was looked at; when it failed, what an operator can do about it. */
export type AggregatorCheck =
  | { readonly name: string; readonly ok: true; readonly detail: string }
  | { readonly name: string; readonly ok: false; readonly detail: string; readonly remedy: string }

/** `look` says what it found, or throws what is wrong. */
export async function check(
  name: string,
  remedy: string,
  look: () => Promise<string>,
): Promise<AggregatorCheck> {
  try {
    return { name, ok: true, detail: await look() }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error), remedy }
  }
}
