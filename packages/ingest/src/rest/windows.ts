/** A stretch of time that is asked for in one go, epoch milliseconds. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** Cuts a stretch of time into windows of at most so long, oldest first; they share their ends. */
export function windowsOf(from: number, to: number, longestMs: number): Window[] {
  const windows: Window[] = []
  for (let at = from; at < to; at += longestMs) windows.push({ from: at, to: Math.min(to, at + longestMs) })
  return windows
}
