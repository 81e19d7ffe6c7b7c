/** Reads the number of an option. Throws for one that is not whole or outside of its range. */
export function wholeNumber(option: string, text: string, most: number, least = 0): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= most && text.trim() !== '') return number
  throw new Error(`${option} ${text}: a whole number from ${least} to ${most} is wanted`)
}

export const PORT_MAX = 65_535
