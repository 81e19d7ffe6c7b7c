/**
 * 32 bits of a text. Texts that differ may share them, and whoever needs to be sure compares the texts; so it costs
 * time, nothing else, when somebody makes texts that share them on purpose.
 */
export type TextHash = (text: string) => number
